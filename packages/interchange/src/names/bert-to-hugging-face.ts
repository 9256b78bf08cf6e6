import type { NameRules } from "@tfsaver/core/names";

/**
 * Maps the names of Google's BERT checkpoints to those of Hugging Face's `BertForPreTraining`. Kernels are transposed, because
 * PyTorch stores them as outputs × inputs. The slots of Adam and the step are left out.
 */
export const bertToHuggingFace: NameRules = {
  rules: [
    { from: "bert/embeddings/(word|position|token_type)_embeddings", to: "bert.embeddings.$1_embeddings.weight" },
    { from: "bert/embeddings/LayerNorm/gamma", to: "bert.embeddings.LayerNorm.weight" },
    { from: "bert/embeddings/LayerNorm/beta", to: "bert.embeddings.LayerNorm.bias" },
    ...inLayers("attention/self/(query|key|value)", "attention.self.$2"),
    ...inLayers("attention/output/dense", "attention.output.dense"),
    ...inLayers("intermediate/dense", "intermediate.dense"),
    ...inLayers("output/dense", "output.dense"),
    ...normInLayers("attention/output/LayerNorm", "attention.output.LayerNorm"),
    ...normInLayers("output/LayerNorm", "output.LayerNorm"),
    { from: "bert/pooler/dense/kernel", to: "bert.pooler.dense.weight", transpose: true },
    { from: "bert/pooler/dense/bias", to: "bert.pooler.dense.bias" },
    { from: "cls/predictions/output_bias", to: "cls.predictions.bias" },
    { from: "cls/predictions/transform/dense/kernel", to: "cls.predictions.transform.dense.weight", transpose: true },
    { from: "cls/predictions/transform/dense/bias", to: "cls.predictions.transform.dense.bias" },
    { from: "cls/predictions/transform/LayerNorm/gamma", to: "cls.predictions.transform.LayerNorm.weight" },
    { from: "cls/predictions/transform/LayerNorm/beta", to: "cls.predictions.transform.LayerNorm.bias" },
    // Stored as outputs × inputs already.
    { from: "cls/seq_relationship/output_weights", to: "cls.seq_relationship.weight" },
    { from: "cls/seq_relationship/output_bias", to: "cls.seq_relationship.bias" },
  ],
  drop: [".*/adam_[mv]", "global_step", "(?:bad|good)_steps", "loss_scale"],
  metadata: { format: "pt" },
};

function inLayers(from: string, to: string) {
  const layer = `bert/encoder/layer_(\\d+)/${from}`;
  return [
    { from: `${layer}/kernel`, to: `bert.encoder.layer.$1.${to}.weight`, transpose: true },
    { from: `${layer}/bias`, to: `bert.encoder.layer.$1.${to}.bias` },
  ];
}

function normInLayers(from: string, to: string) {
  const layer = `bert/encoder/layer_(\\d+)/${from}`;
  return [
    { from: `${layer}/gamma`, to: `bert.encoder.layer.$1.${to}.weight` },
    { from: `${layer}/beta`, to: `bert.encoder.layer.$1.${to}.bias` },
  ];
}
