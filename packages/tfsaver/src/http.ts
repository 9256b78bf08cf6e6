/**
 * Re-exports `HttpStorage`, which reads files over HTTP.
 *
 * @packageDocumentation
 */

export * from "@tfsaver/storage/http";
