'use strict';
(async () => {
  const $ = id => document.getElementById(id);
  const scene = JSON.parse($('scene').textContent);
  const [nx, ny, nz] = scene.size, count = nx * ny * nz;
  const colours = ['#ff3232', '#3ec8ff', '#ffd23e', '#e06cff', '#ff9a3e'], truthColour = '#00d746';
  const windows = [['Liver', 'L', -160, 240], ['Lung', 'U', -1350, 150], ['Bone', 'B', -450, 1050]];
  const planes = [{ u: 0, v: 1, w: 2 }, { u: 0, v: 2, w: 1 }, { u: 1, v: 2, w: 0 }];
  const fixed = (x, n) => x.toFixed(n).replace('-', '−');

  const refuse = why => { $('why').textContent = why + ' The pictures below show the middle of the liver.'; document.documentElement.dataset.state = 'still'; };
  if (!document.createElement('canvas').getContext('webgl2')) return refuse('This browser has no WebGL 2, which the viewer needs (in a virtual machine: turn 3D acceleration on).');
  if (!window.DecompressionStream) return refuse('This browser cannot unpack the scan; Chrome or Edge 80, Firefox 113 and Safari 16.4 can.');

  async function unpack(id) {
    const text = atob($(id).textContent), bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer());
  }

  /** The inverse of VoxelCode.Predicted. */
  function voxels(code) {
    const all = new Int16Array(count);
    for (let z = 0, i = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++, i++) {
      const folded = code[i] | code[count + i] << 8, w = all[i - 1], n = all[i - nx], c = all[i - nx - 1];
      const expected = y === 0 ? (x === 0 ? 0 : w) : x === 0 ? n
        : c >= Math.max(w, n) ? Math.min(w, n) : c <= Math.min(w, n) ? Math.max(w, n) : w + n - c;
      all[i] = expected + (folded >> 1 ^ -(folded & 1));
    }
    return all;
  }

  const hu = voxels(await unpack('hu'));
  const near = scene.step > 1 ? await unpack('near') : null;
  if (near) {
    const detail = await unpack('detail'), middle = scene.step >> 1;
    for (let i = 0, d = 0; i < count; i++) hu[i] = hu[i] * scene.step + (near[i] ? detail[d++] - middle : 0);
  }
  const masks = await Promise.all(scene.masks.map(async (mask, i) =>
    ({ ...mask, voxels: await unpack('mask' + i), shown: true, colour: mask.truth ? truthColour : colours[i % colours.length], paths: {} })));
  const probability = scene.probability ? await unpack('probability') : null;
  const [result, truth] = [masks.find(m => !m.truth), masks.find(m => m.truth)];

  /** The page's voxels as a NIfTI file whose axes are the screen's: the viewer need not know how the patient lies in the scanner. */
  function nifti() {
    const buffer = new ArrayBuffer(352 + 2 * count), v = new DataView(buffer);
    v.setInt32(0, 348, true);
    [3, nx, ny, nz, 1, 1, 1, 1].forEach((n, i) => v.setInt16(40 + 2 * i, n, true));
    v.setInt16(70, 4, true); v.setInt16(72, 16, true);
    [1, ...scene.spacing, 1, 1, 1, 1].forEach((n, i) => v.setFloat32(76 + 4 * i, n, true));
    v.setFloat32(108, 352, true); v.setFloat32(112, 1, true);
    v.setInt8(123, 2); v.setInt16(254, 1, true);
    for (let i = 0; i < 3; i++) v.setFloat32(280 + 20 * i, scene.spacing[i], true);
    [0x6e, 0x2b, 0x31, 0].forEach((n, i) => v.setUint8(344 + i, n));
    new Int16Array(buffer, 352).set(hu);
    return buffer;
  }

  const rgb = colour => [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));
  const tooMuch = '#ffab2e', missed = '#4f9dff';

  /** The colours of a surface's corners; with differences, what lies a voxel or more outside or inside of the truth. */
  function colouring(mask, differences) {
    const colours = new Uint8Array(4 * mask.corners.length / 3);
    for (let i = 0; i < mask.corners.length; i += 3) {
      let colour = mask.colour;
      if (differences && mask === result) {
        const [x, y, z] = scene.spacing.map((mm, c) => Math.min(scene.size[c] - 2, Math.max(0, Math.floor(mask.corners[i + c] / mm))));
        let n = 0;
        for (let k = 0; k < 8; k++) n += truth.voxels[((z + (k >> 2)) * ny + y + (k >> 1 & 1)) * nx + x + (k & 1)];
        colour = n === 0 ? tooMuch : n === 8 ? missed : colour;
      }
      colours.set([...rgb(colour), 255], 4 * i / 3);
    }
    return colours;
  }

  const library = document.createElement('script');
  library.textContent = new TextDecoder().decode(await unpack('niivue'));
  document.head.append(library);
  $('live').hidden = false;
  document.documentElement.classList.add('live');
  const nv = new niivue.Niivue({
    isRadiologicalConvention: true, isForceMouseClickToVoxelCenters: true, dragAndDropEnabled: false, loadingText: '', logLevel: 'error',
    crosshairColor: [1, 0.85, 0.3, 0.75], crosshairWidth: 0.6, crosshairGap: 12, fontColor: [0.75, 0.8, 0.85, 1], fontSizeScaling: 0.3,
    multiplanarLayout: 2, multiplanarShowRender: 1, meshThicknessOn2D: 0, show3Dcrosshair: false, viewModeHotKey: '', clipPlaneHotKey: '', cycleClipPlaneHotKey: '',
  });
  await nv.attachToCanvas($('gl'));
  await nv.loadFromArrayBuffer(nifti(), 'ct.nii');
  const ct = nv.volumes[0];
  const meshes = [];
  for (const mask of masks) {
    const shape = surface.mesh(mask.voxels, scene.size, scene.spacing);
    if (!shape) continue;
    mask.corners = shape.points;
    mask.mesh = new niivue.NVMesh(shape.points, shape.triangles, mask.name, colouring(mask, false), 1, !(mask.truth && result), nv.gl);
    meshes.push(mask.mesh);
    nv.addMesh(mask.mesh);
  }
  if (meshes.length) {
    const low = [0, 1, 2].map(c => Math.min(...meshes.map(m => m.extentsMin[c]))), high = [0, 1, 2].map(c => Math.max(...meshes.map(m => m.extentsMax[c])));
    // It turns around the surfaces' middle and fills its tile.
    nv.setPivot3D = () => { nv.pivot3D = low.map((l, c) => (l + high[c]) / 2); nv.furthestFromPivot = Math.hypot(...low.map((l, c) => high[c] - l)) / 2; };
    nv.setPivot3D();
  }
  // The scan would hide the surfaces.
  if (meshes.length) nv.drawImage3D = () => {};

  const crosshair = () => nv.scene.crosshairPos.map((f, i) => Math.min(scene.size[i] - 1, Math.max(0, Math.floor(f * scene.size[i]))));
  const moveTo = at => { nv.scene.crosshairPos = at.map((n, i) => (n + 0.5) / scene.size[i]); nv.drawScene(); tell(); };
  const sliceOf = n => scene.axes[2][1] + scene.axes[2][2] * n;
  const fileVoxel = at => { const voxel = [0, 0, 0]; scene.axes.forEach(([axis, start, stride], i) => { voxel[axis] = start + stride * at[i]; }); return voxel; };

  function tell() {
    const at = crosshair(), i = (at[2] * ny + at[1]) * nx + at[0], file = fileVoxel(at);
    const [o, x, y, z] = scene.toMm, mm = [0, 1, 2].map(c => o[c] + file[0] * (x[c] - o[c]) + file[1] * (y[c] - o[c]) + file[2] * (z[c] - o[c]));
    const exact = !near || near[i];
    $('at-hu').textContent = (exact ? '' : '≈ ') + fixed(hu[i], 0) + (exact ? '' : ' ± ' + (scene.step >> 1));
    $('at-hu').dataset.hu = hu[i];
    $('at-voxel').textContent = file.join(', ');
    $('at-mm').textContent = mm.map((v, c) => (v < 0 ? 'RAI' : 'LPS')[c] + ' ' + Math.abs(v).toFixed(1)).join(' · ');
    if (probability) $('at-p').textContent = (probability[i] / 255).toFixed(2);
    $('at-masks').textContent = masks.filter(m => m.voxels[i]).map(m => m.name).join(', ') || 'no mask';
    $('slice').value = at[2];
    $('slice-out').textContent = `slice ${sliceOf(at[2])} of 0–${scene.file[scene.axes[2][0]] - 1}`;
  }

  // Outlines: above the picture, so that lines stay sharp at any zoom.
  function rings(mask, plane, depth) {
    const key = plane + ':' + depth;
    if (mask.paths[key]) return mask.paths[key];
    if (Object.keys(mask.paths).length > 60) mask.paths = {};
    const { u, v, w } = planes[plane], step = [1, nx, nx * ny];
    return mask.paths[key] = surface.outline((a, b) => mask.voxels[a * step[u] + b * step[v] + depth * step[w]], scene.size[u], scene.size[v]);
  }

  /** From a plane's voxels to the pixels of its tile. */
  function placing(tile) {
    const { u, v } = planes[tile.axCorSag];
    const [low, high] = [[0, 0, 0], [1, 1, 1]].map(f => nv.frac2mm(f, 0, false));
    let [left, top, width, height] = tile.leftTopWidthHeight;
    const mirrored = width < 0;
    if (mirrored) { left += width; width = -width; }
    const across = n => ((low[u] + (n + 0.5) / scene.size[u] * (high[u] - low[u])) - tile.leftTopMM[0]) / tile.fovMM[0];
    const up = n => ((low[v] + (n + 0.5) / scene.size[v] * (high[v] - low[v])) - tile.leftTopMM[1]) / tile.fovMM[1];
    return ([a, b]) => [left + (mirrored ? 1 - across(a) : across(a)) * width, top + (1 - up(b)) * height];
  }

  const path = (all, place) => {
    const p = new Path2D();
    for (const ring of all) {
      ring.forEach((at, i) => { const [x, y] = place(at); if (i) p.lineTo(x, y); else p.moveTo(x, y); });
      p.closePath();
    }
    return p;
  };

  const state = { fill: 0, outline: 1, differences: false, view: 3 };
  function outlines() {
    const canvas = $('lines'), gl = $('gl');
    if (canvas.width !== gl.width || canvas.height !== gl.height) { canvas.width = gl.width; canvas.height = gl.height; }
    const context = canvas.getContext('2d'), at = crosshair(), scale = gl.width / gl.clientWidth;
    context.clearRect(0, 0, canvas.width, canvas.height);
    for (const tag of document.querySelectorAll('.tag')) tag.hidden = true;
    for (const tile of nv.screenSlices) {
      let [left, top, width, height] = tile.leftTopWidthHeight;
      if (width < 0) { left += width; width = -width; }
      const tag = document.querySelector(`.tag[data-plane="${tile.axCorSag}"]`);
      if (tag) { tag.hidden = false; tag.style.left = left / scale + 8 + 'px'; tag.style.top = top / scale + 5 + 'px'; }
      if (tile.axCorSag > 2) continue;
      context.save();
      context.beginPath(); context.rect(left, top, width, height); context.clip();
      const place = placing(tile), depth = at[planes[tile.axCorSag].w];
      const drawn = new Map(masks.map(m => [m, path(rings(m, tile.axCorSag, depth), place)]));
      for (const mask of masks) if (mask.shown && state.fill) { context.globalAlpha = state.fill; context.fillStyle = mask.colour; context.fill(drawn.get(mask), 'evenodd'); }
      if (state.differences && result && truth) {
        const both = new Path2D(drawn.get(result)); both.addPath(drawn.get(truth));
        for (const [inside, colour] of [[result, tooMuch], [truth, missed]]) {
          context.save(); context.clip(drawn.get(inside), 'evenodd'); context.globalAlpha = 0.6; context.fillStyle = colour; context.fill(both, 'evenodd'); context.restore();
        }
      }
      context.globalAlpha = state.outline;
      context.lineJoin = 'round';
      // The truth is wider and below, so that both are seen where they agree.
      for (const mask of [...masks].reverse()) if (mask.shown) { context.lineWidth = (mask.truth && result ? 3.4 : 1.4) * scale; context.strokeStyle = mask.colour; context.stroke(drawn.get(mask)); }
      context.restore();
    }
  }
  const drawScene = nv.drawScene.bind(nv);
  nv.drawScene = () => { drawScene(); outlines(); };
  nv.onLocationChange = tell;

  const button = (parent, text, title, press) => {
    const b = document.createElement('button');
    [b.textContent, b.title, b.onclick] = [text, title, press];
    return parent.appendChild(b);
  };
  const press = (buttons, chosen) => buttons.forEach((b, i) => b.setAttribute('aria-pressed', i === chosen));

  const windowButtons = windows.map(([name, key], i) => button($('windows'), name, 'key ' + key, () => setWindow(i)));
  function setWindow(i) {
    [ct.cal_min, ct.cal_max] = [windows[i][2], windows[i][3]];
    nv.updateGLVolume();
    press(windowButtons, i); showWindow();
  }
  const showWindow = () => { $('window').textContent = `${fixed(ct.cal_min, 0)} to ${fixed(ct.cal_max, 0)} HU`; };
  nv.onIntensityChange = () => { press(windowButtons, windows.findIndex(w => w[2] === ct.cal_min && w[3] === ct.cal_max)); showWindow(); };

  const views = [['All', 3], ['Axial', 0], ['Coronal', 1], ['Sagittal', 2], ['3-D', 4]];
  const viewButtons = views.map(([name], i) => button($('views'), name, `key ${i + 1}`, () => setView(i)));
  const setView = i => { state.view = views[i][1]; nv.setSliceType(state.view); press(viewButtons, i); };

  for (const mask of masks) {
    const label = document.createElement('label'), box = document.createElement('input'), swatch = document.createElement('span'), name = document.createElement('b'), ml = document.createElement('span');
    [label.className, box.type, box.checked, swatch.className, swatch.style.background, name.textContent, ml.textContent] = ['mask', 'checkbox', true, 'swatch', mask.colour, mask.name, fixed(mask.ml, 1) + ' ml'];
    box.onchange = () => show(mask, box.checked);
    mask.box = box;
    label.append(box, swatch, name, ml);
    $('masks').append(label);
  }
  const show = (mask, shown) => { [mask.shown, mask.box.checked] = [shown, shown]; if (mask.mesh && !(mask.truth && result)) mask.mesh.visible = shown; nv.drawScene(); };
  $('mask-box').hidden = masks.length === 0;
  for (const id of ['fill', 'outline']) $(id).oninput = () => { state[id] = $(id).value / 100; $(id + '-out').textContent = $(id).value + ' %'; nv.drawScene(); };

  $('slice').max = nz - 1;
  $('slice').oninput = () => { const at = crosshair(); at[2] = +$('slice').value; moveTo(at); };

  // The slices by their wrong area, largest first, and above the slider what each has.
  const worst = (scene.wrongCm2 || []).map((area, k) => [area, k]).filter(([area]) => area > 0).sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, k]) => k);
  let rank = -1;
  function toWorst(n) {
    if (!worst.length) return;
    rank = (n + worst.length) % worst.length;
    const k = worst[rank];
    let [u, v, n2] = [0, 0, 0];
    for (let y = 0, i = k * nx * ny; y < ny; y++) for (let x = 0; x < nx; x++, i++) if (!result.voxels[i] !== !truth.voxels[i]) { u += x; v += y; n2++; }
    const at = crosshair();
    moveTo(n2 ? [Math.round(u / n2), Math.round(v / n2), k] : [at[0], at[1], k]);
    $('dice').textContent = `${diceText}; slice ${sliceOf(k)}: ${scene.wrongCm2[k].toFixed(1)} cm² wrong, rank ${rank + 1} of ${worst.length}`;
  }
  const setDifferences = on => {
    $('differences').checked = state.differences = on;
    if (result.mesh) { result.mesh.rgba255 = colouring(result, on); result.mesh.updateMesh(nv.gl); }
    nv.drawScene();
  };
  let diceText = '';
  if (scene.wrongCm2) {
    $('compare').hidden = false;
    $('errors').removeAttribute('hidden'); // SVG has no such property
    $('dice').textContent = diceText = `Dice of ${result.name}: ${scene.dice.toFixed(3)}`;
    $('worst').onclick = () => toWorst(0);
    $('next').onclick = () => toWorst(rank + 1);
    $('differences').onchange = () => setDifferences($('differences').checked);
    const top = Math.max(...scene.wrongCm2, 1e-9);
    scene.wrongCm2.forEach((area, k) => {
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect'), height = 20 * area / top;
      for (const [name, value] of [['x', 100 * k / nz], ['width', 90 / nz], ['y', 20 - height], ['height', height]]) bar.setAttribute(name, value);
      $('errors').append(bar);
    });
  }

  const step = by => { const at = crosshair(); at[2] = Math.min(nz - 1, Math.max(0, at[2] + by)); moveTo(at); };
  const keys = [
    ['↑ ↓', 'slice up, down', { ArrowUp: () => step(1), ArrowDown: () => step(-1), PageUp: () => step(10), PageDown: () => step(-10) }],
    ['1 – 5', 'all, axial, coronal, sagittal, 3-D', Object.fromEntries(views.map((_, i) => [String(i + 1), () => setView(i)]))],
    ['L U B', 'liver, lung, bone window', Object.fromEntries(windows.map((w, i) => [w[1].toLowerCase(), () => setWindow(i)]))],
    ['M T', 'masks, truth on or off', { m: () => masks.filter(m => !m.truth).forEach(m => show(m, !m.shown)), t: () => truth && show(truth, !truth.shown) }],
    ['D', 'differences on or off', { d: () => scene.wrongCm2 && setDifferences(!state.differences) }],
    ['E', 'next worst slice; with Shift the one before', { e: () => toWorst(rank + 1), E: () => toWorst(rank - 1) }],
    ['0', 'zoom back', { 0: () => { nv.setPan2Dxyzmm([0, 0, 0, 1]); nv.drawScene(); } }],
    ['click', 'what this voxel says', {}], ['wheel', 'through the slices', {}], ['right drag', 'window over the box', {}], ['drag in 3-D', 'turn', {}],
  ];
  const actions = Object.assign({}, ...keys.map(k => k[2]));
  for (const [key, what] of keys) {
    const row = $('keys').insertRow(), kbd = document.createElement('kbd');
    kbd.textContent = key;
    row.insertCell().append(kbd);
    row.insertCell().textContent = what;
  }
  window.addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.target.type === 'range' && e.key.startsWith('Arrow')) return;
    const act = actions[e.key] || actions[e.key.toLowerCase()];
    e.stopPropagation(); // the viewer library has keys of its own
    if (act) { e.preventDefault(); act(); }
  }, true);
  window.addEventListener('keyup', e => e.stopPropagation(), true);

  const every = scene.axes.map(a => Math.abs(a[2]));
  $('extent').textContent = [
    `${scene.file.join('×')} voxels` + (Math.max(...every) > 1 ? `, of which this page holds every ${every.map(n => ['', '1st', '2nd', '3rd'][n] || n + 'th').join(', ')} towards right, front and head` : '') + '.',
    !near ? 'HU are the file’s own.' : masks.length ? 'HU are the file’s own within 10 mm of the masks, elsewhere to ± 2.' : 'HU to ± 2.',
    scene.rounded ? 'They are rounded to whole numbers.' : '',
  ].join(' ');
  $('label-p').hidden = $('at-p').hidden = !probability;

  setWindow(0);
  press(viewButtons, 0);
  nv.setRenderAzimuthElevation(200, 12);
  const shown = truth || result;
  const middle = scene.size.map(n => n >> 1);
  if (shown) {
    const sum = [0, 0, 0]; let n = 0;
    for (let z = 0, i = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++, i++) if (shown.voxels[i]) { sum[0] += x; sum[1] += y; sum[2] += z; n++; }
    if (n) sum.forEach((s, i) => { middle[i] = Math.round(s / n); });
  }
  moveTo(middle);
  if ('served' in document.documentElement.dataset) new EventSource('alive');
  document.documentElement.dataset.state = 'ready';
})().catch(e => {
  document.documentElement.classList.remove('live');
  document.getElementById('live').hidden = true;
  document.getElementById('why').textContent = 'The viewer could not start: ' + e.message;
  document.documentElement.dataset.state = 'failed';
  throw e;
});
