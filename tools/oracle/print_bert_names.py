"""Prints the names and shapes of Hugging Face's BertForPreTraining, of the sizes that bert.py has, as JSON.

It writes packages/interchange/test/bert-hugging-face.json. Run it by hand, in a virtual environment:

    pip install transformers torch
    python tools/oracle/print_bert_names.py > packages/interchange/test/bert-hugging-face.json
"""

import json

from transformers import BertConfig, BertForPreTraining

config = BertConfig(
    vocab_size=1000, hidden_size=24, num_hidden_layers=12, num_attention_heads=2, intermediate_size=96,
    max_position_embeddings=64, type_vocab_size=2)
# What is tied to other weights is stored once, under the name of those; buffers are not stored.
parameters = dict(BertForPreTraining(config).named_parameters())
rows = [f"  {json.dumps(name)}: {json.dumps(list(parameters[name].shape))}" for name in sorted(parameters)]
print("{\n" + ",\n".join(rows) + "\n}")
