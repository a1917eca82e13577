import { readFileSync, writeFileSync } from "node:fs";
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
/** The number of colours that a byte can encode. */
const MOST = 256;
const TRUE_COLOUR = 2;
const INDEXED = 3;

/**
 * Reduces a screenshot of Chromium to at most 256 colours, which takes less than half of the size (PNG, Third Edition).
 * A page has few colours. Only the finest shades at the edges of letters are lost.
 */
export function shrink(path: string): void {
  const { width, height, type, data } = read(readFileSync(path));
  if (type !== TRUE_COLOUR) return;
  const pixels = unfilter(inflateSync(data), width, height);
  const palette = choose(count(pixels));
  const index = new Map<number, number>();
  const rows = Buffer.alloc(height * (width + 1));
  for (let pixel = 0; pixel < pixels.length / 3; pixel++) {
    const colour = pixels.readUIntBE(pixel * 3, 3);
    if (!index.has(colour)) index.set(colour, nearest(palette, colour));
    // Each row begins with its filter type: none.
    rows[pixel + Math.floor(pixel / width) + 1] = index.get(colour) ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, INDEXED], 8);
  const colours = Buffer.alloc(palette.length * 3);
  palette.forEach((colour, place) => colours.writeUIntBE(colour, place * 3, 3));
  const chunks = [
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ];
  writeFileSync(path, Buffer.concat([SIGNATURE, ...chunks]));
}

interface Picture {
  width: number;
  height: number;
  type: number | undefined;
  data: Buffer;
}

function read(file: Buffer): Picture {
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < file.length; ) {
    const length = file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") data.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return { width: file.readUInt32BE(16), height: file.readUInt32BE(20), type: file[25], data: Buffer.concat(data) };
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** Reverses PNG's row filters, and returns the pixels. */
function unfilter(rows: Buffer, width: number, height: number): Buffer {
  const line = width * 3;
  const pixels = Buffer.alloc(height * line);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (line + 1)];
    for (let x = 0; x < line; x++) {
      const at = y * line + x;
      const left = x < 3 ? 0 : (pixels[at - 3] ?? 0);
      const up = y === 0 ? 0 : (pixels[at - line] ?? 0);
      const corner = x < 3 || y === 0 ? 0 : (pixels[at - line - 3] ?? 0);
      pixels[at] = (rows[y * (line + 1) + 1 + x] ?? 0) + guess(filter, left, up, corner);
    }
  }
  return pixels;
}

/** Returns a filter's prediction of a byte from its neighbours. */
function guess(filter: number | undefined, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Returns the colours, the most frequent first. */
function count(pixels: Buffer): number[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 3) {
    const colour = pixels.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
}

/** Returns the colours of large areas, and enough of the others that each colour is close to one of them. */
function choose(colours: number[]): number[] {
  for (let apart = 0; ; apart += 2) {
    const chosen = colours.slice(0, MOST / 2);
    for (const colour of colours.slice(chosen.length)) {
      if (chosen.every((other) => distance(other, colour) > apart ** 2)) chosen.push(colour);
      if (chosen.length > MOST) break;
    }
    if (chosen.length <= MOST) return chosen;
  }
}

function nearest(palette: number[], colour: number): number {
  return palette.reduce(
    (best, other, place) => (distance(other, colour) < distance(palette[best] ?? 0, colour) ? place : best),
    0,
  );
}

/** Returns the squared distance of two colours. */
function distance(one: number, other: number): number {
  const red = (one >> 16) - (other >> 16);
  const green = ((one >> 8) & 255) - ((other >> 8) & 255);
  const blue = (one & 255) - (other & 255);
  return red * red + green * green + blue * blue;
}
