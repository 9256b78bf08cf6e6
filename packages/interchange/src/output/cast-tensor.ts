import {
  type DType,
  makeTensor,
  type NumericData,
  numberDecoder,
  type Tensor,
  ValueError,
  zeroTensor,
} from "@tfsaver/core";

/**
 * Converts the elements of a numeric tensor to an integer or a float of 32 bits or less that holds them, as far as floats go.
 *
 * @param name - for messages
 * @throws `ValueError` if an integer is out of range.
 */
export function castTensor(tensor: Tensor, to: DType, name: string): Tensor {
  const { dtype, shape } = tensor;
  const data = tensor.data as NumericData;
  // Quantized types are their integers.
  if (dtype === `q${to}`) return makeTensor(to, shape, data);
  const target = zeroTensor(to, shape).data as Int32Array;
  const toNumber = numberDecoder(dtype) ?? Number;
  const isExact = to === "float32";
  for (let i = 0; i < target.length; i++) {
    const value = toNumber(data[i] as never);
    target[i] = value;
    if (isExact || target[i] === value) continue;
    throw new ValueError(`${name} can't be cast to ${to}: its element ${i} is ${data[i]}`, { tensor: name });
  }
  return makeTensor(to, shape, target);
}
