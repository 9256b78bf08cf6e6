"""Writes tensorflow-globs.jsonl: what tf.io.gfile.glob finds in a folder of odd names.

Run with TensorFlow 2.21 as: python tensorflow-globs.py > tensorflow-globs.jsonl
"""
import json
import os
import random
import tempfile

import tensorflow as tf

random.seed(7)
FILES = ["a", "b", "a1", "m-1", "m-1.index", "m-1.data-00000-of-00001", "m1.index", "m1", "[a]", "a]", "a-", ".h", "a.b",
         "x y", "é", "!", "^", "a\\b", "*", "m?", "漢", "🎉", "a*b", "ab", "axb", "-", "d/a", "d/b1", "d/m[1]", "e[1]/q",
         "e1/q", "e[1]/z", ".d/a"]
PATTERNS = ["", "*", "?", "[ab]", "[!a]", "[^a]", "[]a]", "[!]a]", "[a-]", "[-a]", "[z-a]", "[", "[a", "a[", "[]", "[!]",
            "[[]", "[[]*", "*]", "\\*", "m\\[1\\]*", ".*", "d/*", "*/*", "*/a", "./*", "d/", "d", "d/.", "[a-c]*", "a\\",
            "a\\\\b", "[\\a]", "[a\\]", "[a\\]]", "[\\!a]", "é", "*🎉", "[é]", "[🎉]", "e[1]/*", "e\\[1\\]/*", "e*/q",
            "nodir/*", "a/*", "[!!]", "[^^]", "**", "*/*/*", "{a,b}", "d/[]", "m-1.data-?????-of-?????", "*.index",
            "[a/b]", "d/[!a]*", "e?1?/q", "d*/m[[]1]", "[*]", "[?]*", "a[*]b", "m-1", "nothing", "*/../*", "*/../m1", "*/..",
            "*/./a", "*//a", "[d]/../m1", "d/../*", "d/../d/a", "d/./*", "./*/a", "*/../*/../*"]
CHOSEN = len(PATTERNS)
ALPHABET = "ab1m[]!^-\\*?d"

os.chdir(tempfile.mkdtemp())
for file in FILES:
    os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
    open(file, "w").close()
while len(PATTERNS) < 400:
    PATTERNS.append("".join(random.choices(ALPHABET, k=random.randint(2, 6))))
found = {pattern: sorted(tf.io.gfile.glob(pattern)) for pattern in PATTERNS}
# Most random patterns find nothing, which a few of them can say for all.
few = {pattern: paths for i, (pattern, paths) in enumerate(found.items()) if paths or i < CHOSEN or i % 8 == 0}
print(json.dumps({"files": FILES, "found": few}))
