"""Goes on with the training of examples/training."""

import tensorflow as tf

v1 = tf.compat.v1


def step_of_classifier(prefix, inputs, species, learning_rate, momentum):
    """Restores the network of the example into TensorFlow's own, takes a step, and returns the loss before it and all values."""
    with v1.Graph().as_default(), v1.Session() as session:
        create = lambda name, shape: v1.get_variable(name, shape, use_resource=False)
        hidden_kernel, hidden_bias = create("hidden/kernel", [4, 10]), create("hidden/bias", [10])
        output_kernel, output_bias = create("output/kernel", [10, 3]), create("output/bias", [3])
        global_step = v1.train.get_or_create_global_step()
        hidden = tf.tanh(tf.constant(inputs, tf.float32) @ hidden_kernel + hidden_bias)
        logits = hidden @ output_kernel + output_bias
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=species, logits=logits))
        train = v1.train.MomentumOptimizer(learning_rate, momentum).minimize(loss, global_step=global_step)
        v1.train.Saver().restore(session, prefix)
        before = session.run(loss)
        session.run(train)
        values = {v.op.name: session.run(v).ravel().tolist() for v in v1.global_variables()}
        return {"loss": float(before), "values": values}
