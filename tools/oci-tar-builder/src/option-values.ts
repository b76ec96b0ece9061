// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from "node:path";
import { EPOCH, type ImageProcess, type Platform } from "@runwasi/oci";
import { BuildError } from "./build-error.ts";
import type { CommandValues } from "./command-line.ts";
import { WASM_LAYER_TYPES, type WasmLayerType } from "./layers-image.ts";

/** `key=value` options as an object. */
export function parsePairs(option: string, pairs: readonly string[]): Readonly<Record<string, string>> {
  const entries = pairs.map((pair): [string, string] => splitPair(option, pair));
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) !== index);
  if (twice !== undefined) throw new BuildError("usage", `--${option} ${twice[0]} is there twice`);
  return Object.fromEntries(entries);
}

/** Splits `key=value` at the first "=". */
export function splitPair(option: string, pair: string): [key: string, value: string] {
  const at = pair.indexOf("=");
  if (at < 1) throw new BuildError("usage", `--${option} "${pair}" has no "=" behind a name`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

const PLATFORM = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/;

export function parsePlatform(text: string): Platform {
  const [, os, architecture, variant] = PLATFORM.exec(text) ?? [];
  if (os === undefined || architecture === undefined)
    throw new BuildError("usage", `--platform "${text}" is none (os/architecture, as in wasi/wasm)`);
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** The time given, or that of SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), or 1970. */
export function parseCreated(given: string | undefined, sourceDateEpoch: string | undefined): string {
  if (given !== undefined) {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(given) || Number.isNaN(Date.parse(given)))
      throw new BuildError("usage", `--created "${given}" is no time (as in ${EPOCH})`);
    return given;
  }
  if (sourceDateEpoch === undefined || sourceDateEpoch === "") return EPOCH;
  const date = new Date(Number(sourceDateEpoch) * 1000);
  if (!/^\d+$/.test(sourceDateEpoch) || Number.isNaN(date.getTime()))
    throw new BuildError("usage", `SOURCE_DATE_EPOCH "${sourceDateEpoch}" is no number of seconds`);
  return date.toISOString().replace(".000Z", "Z");
}

export function parseWasmType(type: string): WasmLayerType {
  const known = WASM_LAYER_TYPES.find((candidate) => candidate === type);
  if (known === undefined)
    throw new BuildError("usage", `--wasm-type "${type}" is not known (${WASM_LAYER_TYPES.join(", ")})`);
  return known;
}

/** `type/subtype` of RFC 6838, as image-spec wants it, without parameters. */
const MEDIA_TYPE = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/;

export function assertMediaType(type: string): string {
  if (!MEDIA_TYPE.test(type))
    throw new BuildError(
      "usage",
      `--layer: "${type}" is no media type (type=file, as in text/plain=notes.txt)`,
    );
  return type;
}

/** The part of the configuration that containerd makes the container's process of. */
export function parseProcess(values: CommandValues): ImageProcess {
  for (const variable of values.env ?? []) splitPair("env", variable);
  const { workdir } = values;
  if (workdir !== undefined && !isAbsolute(workdir))
    throw new BuildError("usage", `--workdir "${workdir}" is not absolute`);
  return {
    ...(values.entrypoint && { entrypoint: values.entrypoint }),
    ...(values.cmd && { cmd: values.cmd }),
    ...(values.env && { env: values.env }),
    ...(workdir !== undefined && { workingDir: workdir }),
    ...(values.user !== undefined && { user: values.user }),
    ...(values.label && { labels: parsePairs("label", values.label) }),
  };
}
