"""The variables of BERT: their names are real, their sizes small."""

import numpy as np


def bert_shapes(layers=12, hidden=24, vocabulary=1000, positions=64):
    """Returns the shapes of BERT's variables by name, as run_pretraining.py saves them."""
    dense = lambda name, inputs, outputs: {f"{name}/kernel": (inputs, outputs), f"{name}/bias": (outputs,)}
    norm = lambda name: {f"{name}/LayerNorm/beta": (hidden,), f"{name}/LayerNorm/gamma": (hidden,)}
    shapes = {
        "bert/embeddings/word_embeddings": (vocabulary, hidden),
        "bert/embeddings/token_type_embeddings": (2, hidden),
        "bert/embeddings/position_embeddings": (positions, hidden),
        **norm("bert/embeddings"),
    }
    for i in range(layers):
        layer = f"bert/encoder/layer_{i}"
        for part in ("query", "key", "value"):
            shapes.update(dense(f"{layer}/attention/self/{part}", hidden, hidden))
        shapes.update({
            **dense(f"{layer}/attention/output/dense", hidden, hidden), **norm(f"{layer}/attention/output"),
            **dense(f"{layer}/intermediate/dense", hidden, 4 * hidden),
            **dense(f"{layer}/output/dense", 4 * hidden, hidden), **norm(f"{layer}/output"),
        })
    return {
        **shapes,
        **dense("bert/pooler/dense", hidden, hidden),
        **dense("cls/predictions/transform/dense", hidden, hidden),
        **norm("cls/predictions/transform"),
        "cls/predictions/output_bias": (vocabulary,),
        "cls/seq_relationship/output_weights": (2, hidden),
        "cls/seq_relationship/output_bias": (2,),
    }


def bert_values(adam=True, seed=0):
    """Returns random values of BERT's variables by name, with the slots of its AdamWeightDecayOptimizer and the step."""
    random = np.random.default_rng(seed)
    values = {}
    for name, shape in bert_shapes().items():
        for end in ("", "/adam_m", "/adam_v") if adam else ("",):
            values[name + end] = random.standard_normal(shape).astype(np.float32)
    values["global_step"] = np.int64(20)
    return values
