import { formatBytes, formatTensor, quoteBytes } from "@tfsaver/checkpoint-tools";
import { dtypeFromEnum, dtypeInfo, formatShape, isFullyDefined, isNumeric, numElements } from "@tfsaver/core";
import { shapeFromProto, tensorFromProto } from "@tfsaver/graph";
import type { AttrValue, TensorProto } from "@tfsaver/proto/graph";

/** Elements of a tensor up to which its values are shown. A few bytes may stand for many elements. */
const MAX_ELEMENTS = 4096;
/** Characters of a text; the rest is cut. */
const MAX_TEXT = 4000;
/** Items of a list; the rest is cut. */
const MAX_ITEMS = 200;

/** Returns an attribute of a node as text that a person reads. Tensors, texts and lists are cut. */
export function attributeText(value: AttrValue): string {
  try {
    return cut(textOf(value));
  } catch (error) {
    return `damaged: ${(error as Error).message}`;
  }
}

function textOf({ s, i, f, b, type, shape, tensor, list, func, placeholder }: AttrValue): string {
  if (s !== undefined) return bytesText(s);
  if (i !== undefined) return String(i);
  if (f !== undefined) return numberText(f);
  if (b !== undefined) return String(b);
  if (type !== undefined) return typeText(type);
  if (shape !== undefined) return formatShape(shapeFromProto(shape));
  if (tensor !== undefined) return tensorText(tensor);
  if (func !== undefined) return `function ${cut(func.name)}`;
  if (placeholder !== undefined) return `placeholder ${cut(placeholder)}`;
  return list === undefined ? "" : listText(list);
}

function listText(list: NonNullable<AttrValue["list"]>): string {
  const { s, i, f, b, type, shape, tensor, func } = list;
  const lists: readonly (readonly [items: readonly unknown[], text: (item: never) => string])[] = [
    [s, bytesText],
    [i, String],
    [f, numberText],
    [b, String],
    [type, typeText],
    [shape, (item: (typeof shape)[number]) => formatShape(shapeFromProto(item))],
    [tensor, tensorText],
    [func, (item: (typeof func)[number]) => `function ${cut(item.name)}`],
  ];
  const [items, text] = lists.find(([one]) => one.length > 0) ?? [[], String];
  const shown = items.slice(0, MAX_ITEMS).map((item) => text(item as never));
  const rest = items.length - shown.length;
  return `[${shown.join(", ")}${rest > 0 ? `, … and ${rest} more` : ""}]`;
}

function bytesText(bytes: Uint8Array): string {
  return quoteBytes(bytes.subarray(0, MAX_TEXT));
}

/** Returns the shortest decimal number that is this one in `float32`. */
function numberText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return String(short);
  }
  return String(value);
}

function typeText(value: number): string {
  // In a graph, a reference to a variable has the dtype of its value plus 100.
  return value > 100 && value < 200 ? `${dtypeFromEnum(value - 100)} reference` : dtypeFromEnum(value);
}

function tensorText(proto: TensorProto): string {
  const dtype = dtypeFromEnum(proto.dtype);
  const shape = proto.tensorShape === undefined ? [] : shapeFromProto(proto.tensorShape);
  const what = `${dtype} ${formatShape(shape)}`;
  if (!isFullyDefined(shape)) return what;
  const elements = numElements(shape);
  const size = isNumeric(dtype) ? `, ${formatBytes(elements * dtypeInfo(dtype).size)}` : "";
  if (elements > MAX_ELEMENTS) return `${what}${size}`;
  return `${what} ${formatTensor(tensorFromProto(proto), { threshold: 60 })}`;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} …`;
}
