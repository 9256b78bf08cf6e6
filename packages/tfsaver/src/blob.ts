/**
 * Re-exports `BlobStorage`, which reads files that a person dropped or chose in a browser.
 *
 * @packageDocumentation
 */

export * from "@tfsaver/storage/blob";
