"""Runs the benchmarks' requests with TensorFlow, one line of JSON each. `tfsaver/serve.ts` does so with this library.

A request is {"method": ..., "params": {...}}, the answer {"result": ...} or {"error": ...}.
"""

import json
import os
import sys
import traceback

# Libraries may print; that must not end up among the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import limits
import readers
import safetensors_files
import savers

METHODS = {**savers.METHODS, **readers.METHODS, **limits.METHODS, **safetensors_files.METHODS}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"result": METHODS[request["method"]](**request["params"])}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), file=answers, flush=True)
