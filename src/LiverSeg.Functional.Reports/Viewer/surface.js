'use strict';
/* Shapes of a binary mask: its outline in a plane, its surface in space. */
const surface = (() => {
  /** Segments between the middles of neighbouring voxels, for the 16 ways that four corners can lie inside; bit 0 = (0,0), 1 = (1,0), 2 = (1,1), 3 = (0,1). */
  const edges = { n: [0.5, 0], e: [1, 0.5], s: [0.5, 1], w: [0, 0.5] };
  const ways = ['', 'nw', 'en', 'ew', 'se', 'nwse', 'sn', 'sw', 'ws', 'ns', 'enws', 'es', 'we', 'ne', 'wn', ''];

  /**
   * The outlines of a plane's inside as closed rings of [u, v] (marching squares); what reaches the edge is closed there.
   * Inside lies on the same side of each ring's direction, so that rings of holes turn the other way.
   */
  function outline(inside, nu, nv) {
    const next = new Map();
    const key = (u, v) => (v + 1) * 4 * (nu + 3) + (u + 1) * 2;
    const at = (u, v) => u >= 0 && v >= 0 && u < nu && v < nv && inside(u, v) ? 1 : 0;
    for (let v = -1; v < nv; v++) {
      for (let u = -1; u < nu; u++) {
        const way = ways[at(u, v) | at(u + 1, v) << 1 | at(u + 1, v + 1) << 2 | at(u, v + 1) << 3];
        for (let i = 0; i < way.length; i += 2) {
          const a = edges[way[i]], b = edges[way[i + 1]];
          next.set(key(u + a[0], v + a[1]), [u + a[0], v + a[1], key(u + b[0], v + b[1])]);
        }
      }
    }
    const rings = [];
    for (const start of next.keys()) {
      const ring = [];
      for (let k = start, step = next.get(k); step; k = step[2], step = next.get(k)) {
        ring.push([step[0], step[1]]);
        next.delete(k);
      }
      if (ring.length > 2) rings.push(ring);
    }
    return rings;
  }

  /**
   * The surface as triangles in millimetres (surface nets: a corner in each cell that the border crosses, in the middle of its crossings),
   * smoothed a little. `mask` holds numbers, 0 = outside.
   */
  function mesh(mask, [nx, ny, nz], spacing, rounds = 4) {
    let lo = [nx, ny, nz], hi = [-1, -1, -1];
    for (let z = 0, i = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++, i++) {
      if (!mask[i]) continue;
      if (x < lo[0]) lo[0] = x; if (y < lo[1]) lo[1] = y; if (z < lo[2]) lo[2] = z;
      if (x > hi[0]) hi[0] = x; if (y > hi[1]) hi[1] = y; if (z > hi[2]) hi[2] = z;
    }
    if (hi[0] < 0) return null;
    const [cx, cy, cz] = [hi[0] - lo[0] + 2, hi[1] - lo[1] + 2, hi[2] - lo[2] + 2];
    const inside = (x, y, z) => x >= lo[0] && y >= lo[1] && z >= lo[2] && x <= hi[0] && y <= hi[1] && z <= hi[2] && mask[(z * ny + y) * nx + x] ? 1 : 0;
    const cell = new Int32Array(cx * cy * cz).fill(-1), points = [], triangles = [];
    const index = (x, y, z) => (z * cy + y) * cx + x;
    const corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]];
    for (let z = 0; z < cz; z++) for (let y = 0; y < cy; y++) for (let x = 0; x < cx; x++) {
      const [bx, by, bz] = [x + lo[0] - 1, y + lo[1] - 1, z + lo[2] - 1];
      let bits = 0;
      corners.forEach((c, i) => { bits |= inside(bx + c[0], by + c[1], bz + c[2]) << i; });
      if (bits === 0 || bits === 255) continue;
      let [sx, sy, sz, n] = [0, 0, 0, 0];
      for (let a = 0; a < 8; a++) for (const bit of [1, 2, 4]) {
        const b = a | bit;
        if (a === b || (bits >> a & 1) === (bits >> b & 1)) continue;
        sx += (corners[a][0] + corners[b][0]) / 2; sy += (corners[a][1] + corners[b][1]) / 2; sz += (corners[a][2] + corners[b][2]) / 2; n++;
      }
      cell[index(x, y, z)] = points.length / 3;
      points.push(bx + sx / n, by + sy / n, bz + sz / n);
    }
    const quad = (a, b, c, d, turned) => turned ? triangles.push(a, c, b, a, d, c) : triangles.push(a, b, c, a, c, d);
    for (let z = 1; z < cz; z++) for (let y = 1; y < cy; y++) for (let x = 1; x < cx; x++) {
      const [bx, by, bz] = [x + lo[0] - 1, y + lo[1] - 1, z + lo[2] - 1], here = inside(bx, by, bz);
      if (here !== inside(bx + 1, by, bz)) quad(cell[index(x, y - 1, z - 1)], cell[index(x, y, z - 1)], cell[index(x, y, z)], cell[index(x, y - 1, z)], !here);
      if (here !== inside(bx, by + 1, bz)) quad(cell[index(x - 1, y, z - 1)], cell[index(x - 1, y, z)], cell[index(x, y, z)], cell[index(x, y, z - 1)], !here);
      if (here !== inside(bx, by, bz + 1)) quad(cell[index(x - 1, y - 1, z)], cell[index(x, y - 1, z)], cell[index(x, y, z)], cell[index(x - 1, y, z)], !here);
    }
    const smooth = smoothed(Float32Array.from(points), triangles, rounds);
    for (let i = 0; i < smooth.length; i++) smooth[i] *= spacing[i % 3];
    return { points: smooth, triangles: Uint32Array.from(triangles) };
  }

  /** Each corner goes to the mean of its neighbours and half as far back again (Taubin), so that steps vanish and the volume stays. */
  function smoothed(points, triangles, rounds) {
    const count = new Float32Array(points.length / 3), sum = new Float32Array(points.length);
    for (let round = 0; round < 2 * rounds; round++) {
      count.fill(0); sum.fill(0);
      for (let t = 0; t < triangles.length; t += 3) for (let k = 0; k < 3; k++) {
        const a = triangles[t + k], b = triangles[t + (k + 1) % 3];
        count[a]++;
        for (let c = 0; c < 3; c++) sum[3 * a + c] += points[3 * b + c];
      }
      const part = round % 2 ? -0.53 : 0.5;
      for (let i = 0; i < points.length; i++) {
        const n = count[i / 3 | 0];
        if (n) points[i] += part * (sum[i] / n - points[i]);
      }
    }
    return points;
  }

  return { outline, mesh };
})();
