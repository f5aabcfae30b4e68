// Small PNG: a picture of a page has few colours; 256 of them are enough for people.
import zlib from 'node:zlib';

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function chunk(type, data) {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  let c = 0xffffffff;
  for (let i = 4; i < data.length + 8; i += 1) c = TABLE[(c ^ out[i]) & 255] ^ (c >>> 8);
  out.writeUInt32BE((c ^ 0xffffffff) >>> 0, data.length + 8);
  return out;
}

// 8 bits a channel, RGB or RGBA, not interlaced: what Chromium writes. {width, height, rgb}
function decode(png) {
  let width = 0;
  let height = 0;
  let channels = 0;
  const data = [];
  for (let at = 8; at < png.length;) {
    const n = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + n);
    if (type === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = { 2: 3, 6: 4 }[body[9]];
      if (body[8] !== 8 || !channels || body[12]) throw new Error('not a PNG of Chromium');
    } else if (type === 'IDAT') data.push(body);
    at += n + 12;
  }
  const raw = zlib.inflateSync(Buffer.concat(data));
  const line = width * channels;
  const rgb = Buffer.alloc(width * height * 3);
  let above = Buffer.alloc(line);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (line + 1)];
    const row = raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1));
    for (let x = 0; x < line; x += 1) {
      const left = x >= channels ? row[x - channels] : 0;
      const up = above[x];
      const corner = x >= channels ? above[x - channels] : 0;
      if (filter === 1) row[x] += left;
      else if (filter === 2) row[x] += up;
      else if (filter === 3) row[x] += (left + up) >> 1;
      else if (filter === 4) {
        const p = left + up - corner;
        const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
        row[x] += a <= b && a <= c ? left : b <= c ? up : corner;
      }
    }
    for (let x = 0; x < width; x += 1) row.copy(rgb, (y * width + x) * 3, x * channels, x * channels + 3);
    above = row;
  }
  return { width, height, rgb };
}

export function smallPng(png) {
  const { width, height, rgb } = decode(png);
  const counts = new Map();
  for (let i = 0; i < rgb.length; i += 3) {
    const colour = rgb.readUIntBE(i, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  // The commonest colours that differ enough to be seen; the others become the nearest of them.
  const palette = [];
  const distance = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + ((a >> 8 & 255) - (b >> 8 & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
  for (const [colour] of [...counts].sort((a, b) => b[1] - a[1])) {
    if (palette.length === 128) break;
    if (palette.every((p) => distance(p, colour) > 60)) palette.push(colour);
  }
  const place = new Map();
  const nearest = (colour) => {
    let best = 0;
    palette.forEach((p, i) => { if (distance(p, colour) < distance(palette[best], colour)) best = i; });
    return best;
  };
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = rgb.readUIntBE((y * width + x) * 3, 3);
      if (!place.has(colour)) place.set(colour, nearest(colour));
      rows[y * (width + 1) + 1 + x] = place.get(colour);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.alloc(palette.length * 3);
  palette.forEach((p, i) => colours.writeUIntBE(p, i * 3, 3));
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', colours),
    chunk('IDAT', zlib.deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
