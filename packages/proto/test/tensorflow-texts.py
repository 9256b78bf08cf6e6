"""Writes tensorflow-texts.jsonl: what Python's text_format.Merge makes of odd CheckpointState texts.

One line per text: [text, [model path, all paths, timestamps, last preserved]] or [text, name of the error].
Run with TensorFlow 2.21 as: python tensorflow-texts.py > tensorflow-texts.jsonl
"""
import json
import math

from google.protobuf import text_format
from tensorflow.python.training.checkpoint_state_pb2 import CheckpointState

P = "model_checkpoint_path"
A = "all_model_checkpoint_paths"
T = "all_model_checkpoint_timestamps"
L = "last_preserved_timestamp"

WHOLE = [
    "", " ", "# only\n", "#", f"{P} : 'a' # c\n# d", f"{P} 'a'", f"{P}: 'a'\n'b'", f"{P}: 'a' # x\n 'b'",
    f"{P}:'a';{A}:'b',{A}:'c'", f"{P}:'a';;", f"{P}:'a',,", f";{P}:'a'", f"{P}:'a' ; , {A}:'b'",
    f"{P}:'a' {P}:'b'", f"{L}: 1 {L}: 2", f"{L}: 1{T}: 2", f"{T}: 1 {T}: 2", f"{A}: ['a']\n{A}: 'b'",
    f"{P}: 'a'\x00", f"{P}\u2003: 'a'", f"{P}: 'a'\r\n{A}: 'b'\r", f"# c\r{P}: 'a'", f"# c\u2028{P}: 'a'",
    f"{P} {{ }}", "[x.y]: 1", f"{P}.x: 'a'", "1: 'a'", f"{P.upper()}: 'a'", f"{P}x: 'a'", "x: 1", "x { y: 1 }",
    f"{P}: 'a' }}", f"{P}: 'a' x", f"{P}'a'", f"{P}:'a'{A}:'b'", f"// c\n{P}:'a'", f"-{P}: 'a'", f"{P}: 'a' \\",
    f"{P}: 'a'#", f"{P}:", P, ":", "'a'", f"{P}: 'a' {L}:1e3",
] + [f"{space}{P}: 'a'" for space in "\u00a0\ufeff\x0b\x0c\x1c\x1f\x1b\x85\u2028\u3000\u200b\u180e"]
STRINGS = [
    "'a'", '"a"', "'a' 'b' \"c\"", "a", "1", "'a\nb'", "'a\\\nb'", "'a", "'a\"'", '"""a"""', "r'a'", "b'a'", "''", "-'a'",
    "<>", "['a']", "[]", "'é漢🎉'", "'a\rb'", "'a\tb\x01'", "'a\u2028b'", "'a\x0bb'",
] + [f"'\\{escape}'" for escape in [
    "n\\r\\t\\a\\b\\f\\v\\\\\\'\\\"\\?", "q", "8", "9a\\z", "101\\7\\08", "x41\\x4z", "X41", "X", "x", "xg",
    "u00e9\\u6f22\\U0001F389", "u12", "u", "U00110000", "ud83c\\udf89", "uD83C", "303\\251", "xc3\\xa9", "377", "400", "777",
    "é", " ", "",
]] + ["'\\"]
LISTS = ["['a','b']", "[]", "['a',]", "['a' 'b']", "['a'", "[,'a']", "['']", "''"]
NUMBERS = """1 1.5 .5 5. 1e3 1E+3 1e-3 1f 1.5F 1e3f -1 +1 --1 0x10 -0x10 0X1F 010 08 00 01.5 1_000 0b1 0o7 inf -inf
    Infinity INF inff infinityf nan NaN -nan nanf true '1' 1e400 -0 -0.0 1e 1.2.3 123456789012345678901234567890 0x1p3
    0.1e1.5 1d . - 1#c 0x1g 1.e3 00.5 0e0 09.5 1e05 1e3. 1ff 1.f .5f 0f 0x10f infx -Infinity 1__0 _1 1_ 1_0.5_5e1_0 1_.5
    +inf +infinityF -nanf +nan e5 1e+-5 0_1 0_0 +01 -01 +00.5 0fF 1FF ff 1e5_ 5._5 1-1 1, [1]""".split() + [
    "- 1", "1 2", "-  inf", "- # c\n 1", "'a' "]
TIMES = ["[1,2.5,-3e2]", "[1 2]", "[1,]", "-inf", "[inf, -inf, nan]"]


def number(value):
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value


fields = [(P, STRINGS), (A, LISTS), (L, NUMBERS), (T, TIMES)]
for text in WHOLE + [f"{field}: {value}" for field, values in fields for value in values]:
    state = CheckpointState()
    try:
        text_format.Merge(text, state)
        times = [number(time) for time in state.all_model_checkpoint_timestamps]
        paths = list(state.all_model_checkpoint_paths)
        result = [state.model_checkpoint_path, paths, times, number(state.last_preserved_timestamp)]
    except text_format.ParseError as error:
        result = type(error).__name__
    print(json.dumps([text, result]))
