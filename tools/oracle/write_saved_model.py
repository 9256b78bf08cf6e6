"""Writes fixtures/saved-model: the SavedModel of a small Keras model, whose graph is mostly in functions.

Usage: python write_saved_model.py FOLDER
"""

import sys

import tensorflow as tf

tf.keras.utils.set_random_seed(7)
model = tf.keras.Sequential(
    [
        tf.keras.Input((4,), name="features"),
        tf.keras.layers.Dense(3, activation="relu"),
        tf.keras.layers.Dense(2),
    ]
)
model.export(sys.argv[1], verbose=False)
