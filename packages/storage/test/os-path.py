"""Writes os-path.jsonl: what Python's os.path makes of many paths. Run as: python3 os-path.py > os-path.jsonl"""
import json
from os import path

PATHS = ["", "/", "a", "/a", "a/", "a/b", "/a/b/", "a//b", "a/b//", ".", "..", "./a", "../a", "a/..", "a/../..", "/..",
         "/../a", "a/./b", "./", "a//", "/a//b", "é/漢", "a b/c", "a/../b", "../../a", "/a/../../b", "x/.", "...", "a/..."]
ABSOLUTE = (["/", "/a", "/a/b", "/a/b/c", "/d/e", "/a/../d", "/a/"], ["/", "/a", "/a/b", "/x", "/a/b/.."])
RELATIVE = (["a", "a/b", "a/b/c", "d", ".", "a/..", "./a"], ["", ".", "a", "a/b", "d/e", "./a/"])

for name, function in [("dirname", path.dirname), ("basename", path.basename), ("normalizePath", path.normpath)]:
    for one in PATHS:
        print(json.dumps([name, [one], function(one)]))
for directory in ["", "/", "a", "a/", "/d", "/d/", "."]:
    for one in ["", "b", "/b", "b/c", "./b", "../b"]:
        print(json.dumps(["joinPath", [directory, one], path.join(directory, one)]))
for paths, starts in [ABSOLUTE, RELATIVE]:
    for one in paths:
        for start in starts:
            print(json.dumps(["relativePath", [one, start], path.relpath(one, start)]))
for one in PATHS:
    print(json.dumps(["isAbsolutePath", [one], path.isabs(one)]))
