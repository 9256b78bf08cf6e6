export { printable } from "@tfsaver/checkpoint-tools/printing";
