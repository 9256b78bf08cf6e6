"""Runs the benchmarks' requests with TensorFlow."""

from serving import serve

import limits
import readers
import safetensors_files
import savers
import tools

serve({**savers.METHODS, **readers.METHODS, **limits.METHODS, **safetensors_files.METHODS, **tools.METHODS})
