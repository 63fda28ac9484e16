'use strict';
/*
 * Draws the report from the data blocks of the page. Nothing is loaded from elsewhere, and all text
 * goes in as text, never as HTML.
 *
 * For tests, window.simclrReport has: ready (a promise, kept when all is drawn), points (x, y, label
 * and so on, by point), place(i) (pixels of a point in the window), select(i), selected() (the
 * points of the lasso), frames(n) (milliseconds of each of n redraws while zooming).
 */
(() => {
  const report = JSON.parse(document.getElementById('report').textContent);
  const number = new Intl.NumberFormat('en-US');
  // Of Okabe and Ito, then of Paul Tol: most eyes tell these apart.
  const DISTINCT = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8a800', '#332288', '#882255', '#44aa99', '#999933', '#7f7f7f'];
  const VIRIDIS = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'];
  const PALE = '#9aa1a9';
  const redraw = []; // what depends on the theme or the width
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

  // Building blocks.

  /** Makes an element. Properties that begin with "on" are listeners, others attributes. */
  function el(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  function section(id, title, ...children) {
    document.getElementById('nav').append(el('a', { href: '#' + id }, title));
    const made = el('section', { id }, el('h2', {}, title), ...children);
    document.getElementById('main').append(made);
    return made;
  }

  function factTable(facts) {
    const rows = facts.map((fact) =>
      el('tr', {}, el('td', {}, fact.name), el('td', {}, fact.value), el('td', { class: 'note' }, fact.note || '')));
    return el('div', { class: 'scroll' }, el('table', { class: 'facts' }, el('tbody', {}, ...rows)));
  }

  /** A table that a click on a heading sorts. Columns: title, value of a row, text of a value. */
  function sortable(columns, rows, classOf = () => null) {
    const body = el('tbody');
    let by = -1;
    let down = false;
    const fill = () => {
      const sorted = rows.slice();
      if (by >= 0) {
        const value = columns[by].value;
        sorted.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (down ? -1 : 1));
      }
      body.replaceChildren(...sorted.map((row) =>
        el('tr', { class: classOf(row) }, ...columns.map((column) =>
          el('td', { class: column.text ? 'number' : null }, String(column.text ? column.text(column.value(row)) : column.value(row)))))));
    };
    const heads = columns.map((column, i) =>
      el('th', { class: column.text ? 'number' : null, scope: 'col' }, el('button', {
        type: 'button',
        onclick: () => {
          down = by === i ? !down : Boolean(column.text);
          by = i;
          heads.forEach((head, j) => (j === i ? head.setAttribute('aria-sort', down ? 'descending' : 'ascending') : head.removeAttribute('aria-sort')));
          fill();
        },
      }, column.title)));
    fill();
    return el('div', { class: 'scroll tall', tabindex: rows.length > 12 ? 0 : null }, el('table', {}, el('thead', {}, el('tr', {}, ...heads)), body));
  }

  const percent = (share) => (100 * share).toFixed(1) + ' %';
  const count = (value) => number.format(value);
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The theme.

  function chooseTheme(theme) {
    document.documentElement.dataset.theme = theme;
    redraw.forEach((draw) => draw());
  }

  function setUpTheme() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    chooseTheme(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', () => chooseTheme(dark.matches ? 'dark' : 'light'));
    document.getElementById('theme').addEventListener('click', () =>
      chooseTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
    let width = innerWidth;
    addEventListener('resize', () => {
      if (width !== innerWidth) redraw.forEach((draw) => draw());
      width = innerWidth;
    });
  }

  // Charts.

  /** Keeps the least and the largest value of each stretch, so that no spike is lost. */
  function thin(xs, series, most = 4000) {
    if (xs.length <= most) return [xs, ...series];
    const stretch = Math.ceil((2 * xs.length) / most);
    const kept = [];
    for (let from = 0; from < xs.length; from += stretch) {
      const to = Math.min(from + stretch, xs.length);
      const marks = new Set([from]);
      for (const values of series) {
        let low = from;
        let high = from;
        for (let i = from; i < to; i++) {
          if (values[i] < values[low]) low = i;
          if (values[i] > values[high]) high = i;
        }
        marks.add(low).add(high);
      }
      kept.push(...[...marks].sort((a, b) => a - b));
    }
    return [xs, ...series].map((values) => kept.map((i) => values[i]));
  }

  function chart(title, xLabel, xs, lines, { note = null, format = (v) => String(+v.toPrecision(4)), points = false } = {}) {
    const place = el('div');
    const box = el('div', { class: 'chart', 'data-chart': title }, el('h3', {}, title), note ? el('p', { class: 'note' }, note) : null, place);
    const data = thin(xs, lines.map((line) => line.values));
    let plot = null;
    const draw = () => {
      if (plot) plot.destroy();
      const ink = color('--pale');
      const grid = { stroke: color('--line'), width: 1 };
      const shown = (v) => (v === null || v === undefined ? '-' : format(v));
      plot = new uPlot({
        width: Math.max(240, place.clientWidth || 400),
        height: 220,
        cursor: { sync: { key: xLabel } },
        scales: { x: { time: false } },
        axes: [
          { label: xLabel, stroke: ink, grid, ticks: grid, labelSize: 20, size: 34 },
          { stroke: ink, grid, ticks: grid, size: 64, values: (_, ticks) => ticks.map((v) => format(v)) },
        ],
        series: [
          { label: xLabel, value: (_, v) => (v === null || v === undefined ? '-' : count(v)) },
          ...lines.map((line, i) => ({
            label: line.name,
            stroke: line.dashed ? ink : DISTINCT[i],
            dash: line.dashed ? [6, 5] : undefined,
            width: 1.5,
            spanGaps: true,
            points: { show: points || xs.length === 1 },
            value: (_, v) => shown(v),
          })),
        ],
      }, data, place);
    };
    redraw.push(draw);
    return box;
  }

  function training(part) {
    const { steps, probes } = part;
    const share = { format: (v) => (100 * v).toFixed(1) + ' %' };
    const loss = [{ name: 'loss', values: steps.loss }];
    let note = null;
    if (part.chance_loss !== null) {
      loss.push({ name: 'chance', values: steps.step.map(() => part.chance_loss), dashed: true });
      note = 'Chance is the loss of a network that tells nothing apart: ' + part.chance_loss.toFixed(3) + '. Training has begun to work when the loss leaves it.';
    }
    const one = (title, values, options) => chart(title, 'step', steps.step, [{ name: title, values }], options);
    const charts = [
      chart('loss', 'step', steps.step, loss, { note }),
      one('contrastive top-1', steps.contrastive_top1, { ...share, note: 'How often the most similar view in the batch is of the same image.' }),
    ];
    if (probes.step.length > 0) {
      if (probes.knn_top1.some((v) => v !== null)) {
        charts.push(chart('kNN top-1', 'step', probes.step, [{ name: 'kNN top-1', values: probes.knn_top1 }], { ...share, points: true, note: 'Of a sample, while training: how often the neighbors tell the class.' }));
      }
      charts.push(chart('RankMe', 'step', probes.step, [{ name: 'RankMe', values: probes.rankme }], { points: true, note: 'Effective rank of the embeddings of the sample. It falls when they collapse.' }));
    }
    charts.push(
      one('learning rate', steps.learning_rate),
      one('embedding std', steps.embedding_std, { note: 'Of normalized projections. 0 is a collapse.' }),
      one('gradient norm', steps.grad_norm),
      one('images per second', steps.images_per_s));
    const last = steps.step.length - 1;
    section('training', 'Training',
      el('p', {}, `${count(steps.step[last])} steps in batches of ${count(part.batch_size)} images, ${steps.epoch[last].toFixed(1)} epochs.`),
      el('div', { class: 'charts' }, ...charts));
  }

  // Evaluation.

  function confusionMatrix(part) {
    const labels = [...new Set([...part.classes.map((c) => c.label), ...part.confusion.map((c) => c.predicted)])].sort();
    const mistakes = part.confusion.filter((c) => c.label !== c.predicted).sort((a, b) => b.images - a.images);
    if (labels.length > 60) {
      return el('div', {}, el('h3', {}, 'Most frequent mistakes'), sortable([
        { title: 'class', value: (c) => c.label },
        { title: 'taken for', value: (c) => c.predicted },
        { title: 'images', value: (c) => c.images, text: count },
      ], mistakes.slice(0, 50)));
    }
    const at = new Map(labels.map((label, i) => [label, i]));
    const totals = new Map(part.classes.map((c) => [c.label, c.images]));
    const canvas = el('canvas', { class: 'confusion', role: 'img', 'aria-label': 'Confusion matrix. The table beside it has its diagonal.' });
    const says = el('p', { class: 'note' }, 'A row is a class, a column what the linear probe takes it for. Point at a cell for its number.');
    const cell = Math.max(9, Math.min(34, Math.floor(560 / labels.length)));
    const font = Math.min(13, Math.max(9, cell - 3));
    const left = 110;
    const draw = () => {
      const side = left + cell * labels.length;
      const ratio = devicePixelRatio || 1;
      canvas.width = side * ratio;
      canvas.height = side * ratio;
      canvas.style.width = side + 'px';
      const g = canvas.getContext('2d');
      g.scale(ratio, ratio);
      g.fillStyle = color('--panel');
      g.fillRect(left, left, cell * labels.length, cell * labels.length);
      for (const { label, predicted, images } of part.confusion) {
        g.fillStyle = ramp(images / (totals.get(label) || images));
        g.fillRect(left + cell * at.get(predicted), left + cell * at.get(label), cell - 1, cell - 1);
      }
      g.fillStyle = color('--ink');
      g.font = font + 'px system-ui, sans-serif';
      g.textBaseline = 'middle';
      g.textAlign = 'right';
      labels.forEach((label, i) => g.fillText(short(label, 15), left - 6, left + cell * (i + 0.5)));
      g.save();
      g.rotate(-Math.PI / 2);
      g.textAlign = 'left';
      labels.forEach((label, i) => g.fillText(short(label, 15), -left + 6, left + cell * (i + 0.5)));
      g.restore();
    };
    canvas.addEventListener('mousemove', (event) => {
      const box = canvas.getBoundingClientRect();
      const scale = (left + cell * labels.length) / box.width;
      const column = Math.floor(((event.clientX - box.left) * scale - left) / cell);
      const row = Math.floor(((event.clientY - box.top) * scale - left) / cell);
      if (labels[row] === undefined || labels[column] === undefined) return;
      const found = part.confusion.find((c) => c.label === labels[row] && c.predicted === labels[column]);
      says.textContent = `${count(found ? found.images : 0)} of ${count(totals.get(labels[row]) || 0)} images of ${labels[row]} are taken for ${labels[column]}.`;
    });
    redraw.push(draw);
    return el('div', {}, el('h3', {}, 'Confusion'), says, el('div', { class: 'scroll' }, canvas));
  }

  function short(text, most) {
    return text.length <= most ? text : text.slice(0, most - 1) + '…';
  }

  function evaluation(part) {
    const classes = sortable([
      { title: 'class', value: (c) => c.label },
      { title: 'images', value: (c) => c.images, text: count },
      { title: 'kNN', value: (c) => c.knn_top1, text: percent },
      { title: 'linear', value: (c) => c.linear_top1, text: percent },
    ], part.classes.slice().sort((a, b) => a.linear_top1 - b.linear_top1));
    const few = part.label_fractions.length === 0 ? null : el('div', {}, el('h3', {}, 'With few labels'), sortable([
      { title: 'labels', value: (f) => f.fraction, text: percent },
      { title: 'images', value: (f) => f.train_size, text: count },
      { title: 'kNN', value: (f) => f.knn_top1, text: percent },
      { title: 'linear', value: (f) => f.linear_top1, text: percent },
    ], part.label_fractions));
    section('evaluation', 'Evaluation', factTable(part.facts), few,
      el('div', { class: 'columns' }, el('div', {}, el('h3', {}, 'Classes, hardest first'), classes), confusionMatrix(part)));
  }

  // The data set.

  function dataSet(part) {
    const runs = part.runs;
    const children = [factTable(part.facts)];
    if (runs.length > 1) {
      const nights = runs.map((_, i) => i + 1);
      children.push(el('div', { class: 'charts' },
        chart('images per run', 'run', nights, [
          { name: 'embedded', values: runs.map((run) => run.embedded) },
          { name: 'rejected', values: runs.map((run) => run.rejected) },
          { name: 'deleted', values: runs.map((run) => run.deleted) },
        ], { points: true, format: (v) => count(Math.round(v)) }),
        chart('RankMe per run', 'run', nights, [{ name: 'RankMe', values: runs.map((run) => run.rankme) }], { points: true })));
    }
    const numeric = (title) => ({ title, value: (run) => run[title], text: count });
    children.push(el('h3', {}, 'Runs, the newest first'), sortable([
      { title: 'run', value: (run) => run.run },
      { title: 'state', value: (run) => run.state },
      numeric('embedded'), numeric('skipped'), numeric('updated'), numeric('rejected'), numeric('deleted'),
      { title: 'RankMe', value: (run) => (run.rankme === null ? -1 : run.rankme), text: (v) => (v < 0 ? '-' : v.toFixed(1)) },
      { title: 'held back by', value: (run) => run.gates.join(' ') },
    ], runs.slice().reverse(), (run) => (run.gates.length > 0 ? 'held' : null)));
    const { rejects } = part;
    if (rejects.total > 0) {
      const examples = new Map(rejects.examples.map((example) => [example.reason, example]));
      children.push(el('h3', {}, `Rejected in the newest run: ${count(rejects.total)}`), sortable([
        { title: 'reason', value: (r) => r.reason },
        { title: 'images', value: (r) => r.images, text: count },
        { title: 'such as', value: (r) => (examples.has(r.reason) ? `${examples.get(r.reason).id}: ${examples.get(r.reason).detail}` : '') },
      ], rejects.reasons));
    }
    section('data-set', 'Data set', ...children);
  }

  // Colors of points.

  function ramp(share) {
    const at = Math.max(0, Math.min(1, share)) * (VIRIDIS.length - 1);
    const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
    const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mixed = [0, 1, 2].map((i) => Math.round(part(VIRIDIS[low], i) + (at - low) * (part(VIRIDIS[low + 1], i) - part(VIRIDIS[low], i))));
    return '#' + mixed.map((v) => v.toString(16).padStart(2, '0')).join('');
  }

  /** The same for points: neither end is lost in the paper. */
  function shade(share) {
    return ramp(document.documentElement.dataset.theme === 'dark' ? 0.2 + 0.8 * share : 0.94 * share);
  }

  /** Up to twelve colors that most eyes tell apart; beyond that, hues and three levels of light. */
  function palette(size) {
    if (size <= DISTINCT.length) return DISTINCT.slice(0, Math.max(1, size));
    return Array.from({ length: size }, (_, i) => {
      const hue = (i * 137.508) % 360;
      const light = [0.42, 0.58, 0.7][i % 3];
      const channel = (n) => {
        const k = (n + hue / 30) % 12;
        const value = light - 0.62 * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
        return Math.round(255 * value).toString(16).padStart(2, '0');
      };
      return '#' + channel(0) + channel(8) + channel(4);
    });
  }

  // The map.

  async function unpack(entries) {
    if (typeof DecompressionStream === 'undefined') {
      throw new Error('This browser is too old for the map: it cannot unpack compressed data. One of 2023 or later can.');
    }
    const text = atob(document.getElementById('arrays').textContent);
    const packed = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const bytes = await new Response(stream).arrayBuffer();
    const types = { uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, utf8: Uint8Array };
    const arrays = {};
    let from = 0;
    for (const { name, type, length } of entries) {
      const to = from + length * types[type].BYTES_PER_ELEMENT;
      const values = new types[type](bytes.slice(from, to)); // a copy: places need not be aligned
      arrays[name] = type === 'utf8' ? JSON.parse(new TextDecoder().decode(values)) : values;
      from = to;
    }
    return arrays;
  }

  /** Decodes the sheets of thumbnails, one after the other, so that the page answers meanwhile. */
  async function loadSheets(thumbnail) {
    const sheets = [];
    for (let i = 0; thumbnail && i < thumbnail.sheets; i++) {
      const image = new Image();
      image.src = 'data:image/jpeg;base64,' + document.getElementById('sheet-' + i).textContent;
      await image.decode();
      sheets.push(image);
    }
    return sheets;
  }

  async function map(part) {
    const stage = el('div', { class: 'stage', id: 'map' });
    const hover = el('div', { id: 'hover', hidden: true });
    const side = el('div', { class: 'side' });
    const tools = el('div', { class: 'tools' });
    const legend = el('div', { id: 'legend', role: 'group', 'aria-label': 'Legend: choose what to show' });
    const announce = document.getElementById('announce');
    const all = part.points === part.images ? `All ${count(part.images)} images.` : `${count(part.points)} of ${count(part.images)} images, chosen at random.`;
    section('map-section', 'Map of the embeddings',
      el('p', {}, `${all} A point is an image. Images that the model takes for alike lie near each other; the axes have no meaning.`),
      tools, legend, el('div', { class: 'map' }, stage, side),
      el('p', { class: 'note' }, 'Drag to move, wheel to zoom, click a point for its neighbors, drag with Shift to choose many. With the keyboard: arrows go from point to point, + and - zoom, Escape goes back.'),
      part.measures.length > 0 ? factTable(part.measures) : null);
    let points;
    try {
      points = await unpack(part.arrays);
    } catch (error) {
      stage.append(el('p', { style: 'padding: 12px' }, error.message));
      return {};
    }
    const n = part.points;
    const k = part.neighbors;
    const { ids } = points;
    // What turns text around or does not show is shown by its number.
    const names = ids.map((id) => id.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
      (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')));
    const labelOf = (i) => (points.label && points.label[i] >= 0 ? part.labels[points.label[i]] : null);
    const xs = Float32Array.from(points.x, (v) => (2 * v) / 65535 - 1);
    const ys = Float32Array.from(points.y, (v) => (2 * v) / 65535 - 1);
    let sheets = [];

    // Thumbnails.

    function thumbnail(i, size) {
      const canvas = el('canvas', { class: 'thumb', width: size, height: size, role: 'img', 'aria-label': 'image ' + names[i] });
      const t = part.thumbnail;
      const perSheet = t ? t.columns * t.rows : 1;
      const sheet = t ? sheets[Math.floor(i / perSheet)] : null;
      const g = canvas.getContext('2d');
      if (!sheet) {
        g.fillStyle = color('--pale');
        g.font = '11px sans-serif';
        if (size > 80) g.fillText('no picture', 8, size / 2);
        return canvas;
      }
      const at = i % perSheet;
      g.imageSmoothingEnabled = false;
      g.drawImage(sheet, (at % t.columns) * t.side, Math.floor(at / t.columns) * t.side, t.side, t.side, 0, 0, size, size);
      return canvas;
    }

    const pick = (i, size, caption) =>
      el('button', { type: 'button', class: 'pick', 'data-point': i, title: names[i], onclick: () => select(i) }, thumbnail(i, size), caption || null);

    // What is chosen.

    let current = -1;
    let chosen = [];
    const lasso = el('div', { id: 'selection' });
    const one = el('div', { id: 'selected' }, el('p', { class: 'pale' }, 'Click a point, or search for an id.'));
    side.append(one, lasso);

    function scoreLines(i) {
      return part.scores.map((score, s) => ({ name: score.name, value: percent(points['score_' + s][i] / 65535), note: score.description }));
    }

    function select(i, { move = true } = {}) {
      current = i;
      const neighbors = [];
      for (let rank = 0; rank < k; rank++) {
        const similarity = (points.similarity[i * k + rank] / 65535) * 2 - 1;
        neighbors.push(pick(points.neighbors[i * k + rank], 72, el('div', {}, similarity.toFixed(3))));
      }
      const label = labelOf(i);
      one.replaceChildren(
        thumbnail(i, 160),
        el('p', { class: 'id' }, names[i]),
        el('button', { type: 'button', onclick: () => copy(ids[i]) }, 'Copy id'),
        factTable([...(label === null ? [] : [{ name: 'label', value: label }]), { name: 'run', value: part.runs[points.run[i]] }, { name: 'cluster', value: String(points.cluster[i]) }, ...scoreLines(i)].map(({ name, value }) => ({ name, value }))),
        el('h3', {}, 'Nearest images, with cosine similarity'),
        el('div', { class: 'grid', id: 'neighbors' }, ...neighbors));
      announce.textContent = `Selected ${names[i]}${label === null ? '' : ', label ' + label}.`;
      view.mark(i, Array.from(points.neighbors.subarray(i * k, i * k + k)), move);
    }

    function clear() {
      current = -1;
      one.replaceChildren(el('p', { class: 'pale' }, 'Click a point, or search for an id.'));
      choose([]);
      view.unmark();
    }

    /** An id on one line: one with line breaks becomes JSON. */
    const line = (id) => (/[\r\n]/.test(id) ? JSON.stringify(id) : id);

    function copy(text) {
      const done = () => (announce.textContent = 'Copied.');
      if (navigator.clipboard && isSecureContext) {
        navigator.clipboard.writeText(text).then(done, () => copyOld(text, done));
      } else copyOld(text, done);
    }

    /** A page from file:// has no clipboard of its own. */
    function copyOld(text, done) {
      const area = el('textarea', { class: 'hidden' });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      done();
    }

    function choose(indices) {
      chosen = indices;
      if (indices.length === 0) {
        lasso.replaceChildren();
        return;
      }
      const labels = new Map();
      for (const i of indices) labels.set(labelOf(i), (labels.get(labelOf(i)) || 0) + 1);
      const most = [...labels].filter(([label]) => label !== null).sort((a, b) => b[1] - a[1]).slice(0, 5);
      const text = () => indices.map((i) => line(ids[i])).join('\n') + '\n';
      lasso.replaceChildren(
        el('h3', {}, `${count(indices.length)} chosen`),
        most.length === 0 ? '' : el('p', { class: 'note' }, 'Most of them: ' + most.map(([label, images]) => `${label} (${count(images)})`).join(', ') + '.'),
        el('div', { class: 'tools' },
          el('button', { type: 'button', id: 'copy', onclick: () => copy(text()) }, 'Copy ids'),
          el('button', { type: 'button', id: 'download', onclick: () => {
            const url = URL.createObjectURL(new Blob([text()], { type: 'text/plain' }));
            el('a', { href: url, download: 'ids.txt' }).click();
            setTimeout(() => URL.revokeObjectURL(url), 1000);
          } }, 'Download ids')),
        el('div', { class: 'grid' }, ...indices.slice(0, 60).map((i) => pick(i, 40))));
      announce.textContent = `${count(indices.length)} images chosen.`;
    }

    // Colors.

    const ways = [{ name: 'one color', key: null }];
    if (points.label) ways.push({ name: 'label', key: 'label', names: part.labels });
    ways.push({ name: 'cluster', key: 'cluster', names: Array.from({ length: part.clusters }, (_, i) => 'cluster ' + i) });
    if (part.runs.length > 1) ways.push({ name: 'run', key: 'run', names: part.runs });
    part.scores.forEach((score, s) => ways.push({ name: score.name, key: 'score_' + s, description: score.description }));
    let way = ways[1];
    let shown = null; // the group that is shown alone

    /** Returns the number of each point's color, and the colors; where a value is missing, the last. */
    function coloring() {
      if (way.key === null) return { numbers: new Float32Array(n), colors: [color('--accent')] };
      const values = points[way.key];
      if (!way.names) {
        const colors = Array.from({ length: 64 }, (_, i) => shade(i / 63));
        return { numbers: Float32Array.from(values, (v) => Math.round((v / 65535) * 63)), colors };
      }
      const colors = [...palette(way.names.length), PALE];
      return { numbers: Float32Array.from(values, (v) => (v < 0 ? colors.length - 1 : v)), colors };
    }

    function drawLegend() {
      legend.replaceChildren();
      if (way.key === null) return;
      if (!way.names) {
        const stops = VIRIDIS.map((_, i) => shade(i / (VIRIDIS.length - 1))).join(', ');
        legend.append('low', el('span', { class: 'ramp', style: `background: linear-gradient(to right, ${stops})` }), 'high', el('span', { class: 'note' }, way.description));
        return;
      }
      const colors = [...palette(way.names.length), PALE];
      const counts = new Uint32Array(colors.length);
      for (const v of points[way.key]) counts[v < 0 ? colors.length - 1 : v]++;
      const groups = [...way.names, 'no label'];
      const order = groups.map((_, i) => i).filter((i) => counts[i] > 0);
      const buttons = order.map((i) => el('button', {
        type: 'button', 'aria-pressed': String(shown === i), 'data-group': i,
        onclick: () => showAlone(shown === i ? null : i),
      }, el('span', { class: 'swatch', style: 'background: ' + colors[i] }), short(groups[i], 40), el('span', { class: 'pale' }, count(counts[i]))));
      if (order.length > 30) {
        legend.append(el('input', { type: 'search', placeholder: 'Find a group', 'aria-label': 'Find a group', oninput: (event) => {
          const wanted = event.target.value.toLowerCase();
          buttons.forEach((button, at) => (button.style.display = groups[order[at]].toLowerCase().includes(wanted) ? '' : 'none'));
        } }));
      }
      legend.append(...buttons);
    }

    function showAlone(group) {
      shown = group;
      legend.querySelectorAll('[data-group]').forEach((button) => button.setAttribute('aria-pressed', String(Number(button.dataset.group) === group)));
      const { numbers, colors } = coloring();
      const wanted = group === null ? null : way.names[group] === undefined ? colors.length - 1 : group;
      view.show(wanted === null ? null : Array.from(numbers.keys()).filter((i) => numbers[i] === wanted));
    }

    // Pictures of the points, in WebGL or else on a plain canvas.

    const view = webgl() || plain();

    function webgl() {
      const canvas = el('canvas', { tabindex: 0, role: 'application', 'aria-label': 'Map of the embeddings' });
      const probe = document.createElement('canvas').getContext('webgl');
      if (!probe || !probe.getExtension('OES_texture_float')) return null;
      probe.getExtension('WEBGL_lose_context')?.loseContext();
      stage.append(canvas, hover);
      const size = n > 50000 ? 2 : n > 5000 ? 3 : n > 500 ? 5 : 8;
      const plot = reglScatterplot.createScatterplot({
        canvas, width: 'auto', height: 'auto', pointSize: size, pointSizeSelected: 4, pointOutlineWidth: 2,
        opacity: n > 50000 ? 0.6 : 0.8, opacityInactiveMax: 0.35, colorBy: 'valueA', deselectOnDblClick: true,
        cameraDistance: 1.12,
      });
      plot.subscribe('pointOver', (i) => showHover(i));
      plot.subscribe('pointOut', () => (hover.hidden = true));
      plot.subscribe('select', ({ points: found }) => {
        if (found.length === 1) select(found[0], { move: false });
        else choose(found.slice().sort((a, b) => a - b));
      });
      plot.subscribe('deselect', () => choose([]));
      let ready = Promise.resolve();
      /** One after the other: the library draws while it still works on the last points. */
      const next = (work) => (ready = ready.then(work));
      const duration = () => ({ transition: !calm, transitionDuration: 400 });
      return {
        canvas,
        draw() {
          const { numbers, colors } = coloring();
          return next(() => {
            plot.set({ backgroundColor: color('--map'), pointColor: colors.length > 1 ? colors : colors[0], pointColorActive: color('--ink'), pointColorHover: color('--ink'), lassoColor: color('--accent') });
            return plot.draw({ x: xs, y: ys, valueA: numbers }, { zDataType: 'categorical' });
          });
        },
        mark: (i, neighbors, move) => next(async () => {
          plot.select([i], { preventEvent: true });
          if (move) await plot.zoomToPoints([i, ...neighbors.slice(0, 5)], { padding: 0.6, ...duration() });
        }),
        unmark: () => next(async () => { plot.deselect({ preventEvent: true }); await plot.reset(); }),
        show: (indices) => next(() => (indices === null ? plot.unfilter() : plot.filter(indices))),
        choose: (indices) => next(() => plot.select(indices)),
        lasso: (on) => plot.set({ mouseMode: on ? 'lasso' : 'panZoom' }),
        zoom: (factor) => next(() => plot.zoomToLocation(plot.get('cameraTarget'), plot.get('cameraDistance') / factor)),
        /** The camera of the library, applied to a point. */
        place(i) {
          const [x, y] = plot.getScreenPosition(i);
          const box = canvas.getBoundingClientRect();
          return [box.left + x, box.top + y];
        },
        async frames(wanted) {
          const times = [];
          for (let i = 0; i < wanted; i++) {
            const begin = performance.now();
            await plot.zoomToLocation([0, 0], 1 - i / (2 * wanted));
            canvas.getContext('webgl')?.finish();
            times.push(performance.now() - begin);
          }
          return times;
        },
        ready: () => ready,
      };
    }

    /** Where there is no WebGL: the points alone, which can be clicked. */
    function plain() {
      const canvas = el('canvas', { tabindex: 0, role: 'application', 'aria-label': 'Map of the embeddings' });
      stage.append(canvas, hover);
      stage.parentNode.before(el('p', { class: 'note' }, 'This browser has no WebGL, so the map cannot be moved or zoomed. Search and neighbors work.'));
      let only = null;
      const at = (i) => [((xs[i] + 1) / 2) * canvas.clientWidth, ((1 - ys[i]) / 2) * canvas.clientHeight];
      const draw = () => {
        const { numbers, colors } = coloring();
        canvas.width = canvas.clientWidth;
        canvas.height = canvas.clientHeight;
        const g = canvas.getContext('2d');
        for (let i = 0; i < n; i++) {
          if (only && !only.has(i)) continue;
          g.fillStyle = colors[numbers[i]];
          g.fillRect(at(i)[0] - 1, at(i)[1] - 1, 2, 2);
        }
        if (current >= 0) {
          g.strokeStyle = color('--ink');
          g.strokeRect(at(current)[0] - 6, at(current)[1] - 6, 12, 12);
        }
      };
      const nearest = (event) => {
        let best = -1;
        let least = 100;
        for (let i = 0; i < n; i++) {
          const distance = (at(i)[0] - event.offsetX) ** 2 + (at(i)[1] - event.offsetY) ** 2;
          if (distance < least) [best, least] = [i, distance];
        }
        return best;
      };
      canvas.addEventListener('mousemove', (event) => {
        const i = nearest(event);
        if (i < 0) hover.hidden = true;
        else showHover(i);
      });
      canvas.addEventListener('click', (event) => {
        const i = nearest(event);
        if (i >= 0) select(i);
      });
      return {
        canvas, fixed: true, draw: async () => draw(), mark: () => draw(), unmark: () => draw(), lasso() {}, zoom() {},
        show(indices) { only = indices && new Set(indices); draw(); },
        choose: (indices) => choose(indices),
        place(i) { const box = canvas.getBoundingClientRect(); return [box.left + at(i)[0], box.top + at(i)[1]]; },
        frames: async () => [], ready: async () => {},
      };
    }

    function showHover(i) {
      const [x, y] = view.place(i);
      const box = stage.getBoundingClientRect();
      const label = labelOf(i);
      hover.replaceChildren(thumbnail(i, 96), el('div', { class: 'id' }, names[i]), label === null ? null : el('div', {}, label));
      hover.hidden = false;
      const left = x - box.left + 14;
      const top = y - box.top + 14;
      hover.style.left = Math.max(4, Math.min(left, box.width - hover.offsetWidth - 6)) + 'px';
      hover.style.top = Math.max(4, top + hover.offsetHeight > box.height ? top - hover.offsetHeight - 28 : top) + 'px';
    }

    // The keyboard.

    function step(dx, dy) {
      if (current < 0) return select(0);
      let best = -1;
      let least = Infinity;
      for (let i = 0; i < n; i++) {
        const x = xs[i] - xs[current];
        const y = ys[i] - ys[current];
        const ahead = x * dx + y * dy;
        const aside = Math.abs(x * dy) + Math.abs(y * dx);
        if (ahead > 0 && aside <= ahead && ahead + 2 * aside < least) [best, least] = [i, ahead + 2 * aside];
      }
      if (best >= 0) select(best);
    }

    const keys = {
      ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, 1), ArrowDown: () => step(0, -1),
      '+': () => view.zoom(1.4), '=': () => view.zoom(1.4), '-': () => view.zoom(1 / 1.4), Escape: clear,
    };
    view.canvas.addEventListener('keydown', (event) => {
      if (keys[event.key]) {
        event.preventDefault();
        keys[event.key]();
      }
    });

    // The tools above the map.

    const chooser = el('select', { id: 'color', onchange: () => {
      way = ways[chooser.selectedIndex];
      shown = null;
      drawLegend();
      view.show(null);
      view.draw();
    } }, ...ways.map((w) => el('option', { selected: w === way }, w.name)));
    const lassoButton = el('button', { type: 'button', id: 'lasso', 'aria-pressed': 'false', onclick: () => {
      const on = lassoButton.getAttribute('aria-pressed') !== 'true';
      lassoButton.setAttribute('aria-pressed', String(on));
      view.lasso(on);
    } }, 'Lasso');
    const moving = view.fixed ? [] : [
      lassoButton,
      el('button', { type: 'button', 'aria-label': 'Zoom in', onclick: keys['+'] }, '+'),
      el('button', { type: 'button', 'aria-label': 'Zoom out', onclick: keys['-'] }, '−'),
    ];
    tools.append(el('label', {}, 'Color by', chooser), search(), ...moving, el('button', { type: 'button', onclick: clear }, 'Show all'));

    function search() {
      const list = el('ul', { id: 'results', role: 'listbox', 'aria-label': 'Images found' });
      let found = [];
      let at = 0;
      const fill = () => {
        const wanted = input.value.toLowerCase();
        found = [];
        for (let i = 0; wanted !== '' && i < n && found.length < 50; i++) {
          if (ids[i].toLowerCase().includes(wanted)) found.push(i);
        }
        at = 0;
        list.replaceChildren(...found.map((i, row) => el('li', { role: 'option', id: 'result-' + row, 'aria-selected': String(row === 0), onmousedown: () => take(i) }, names[i])));
        if (wanted !== '' && found.length === 0) list.append(el('li', { class: 'pale' }, 'No id has this in it.'));
        input.setAttribute('aria-expanded', String(found.length > 0));
      };
      const take = (i) => {
        list.replaceChildren();
        select(i);
      };
      const go = (by) => {
        if (found.length === 0) return;
        list.children[at].setAttribute('aria-selected', 'false');
        at = (at + by + found.length) % found.length;
        list.children[at].setAttribute('aria-selected', 'true');
        list.children[at].scrollIntoView({ block: 'nearest' });
        input.setAttribute('aria-activedescendant', 'result-' + at);
      };
      const input = el('input', {
        type: 'search', id: 'search', placeholder: 'Search for an id', 'aria-label': 'Search for an id', role: 'combobox', 'aria-controls': 'results', 'aria-expanded': 'false', autocomplete: 'off',
        oninput: fill,
        onblur: () => list.replaceChildren(),
        onkeydown: (event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            go(event.key === 'ArrowDown' ? 1 : -1);
          } else if (event.key === 'Enter' && found.length > 0) take(found[at]);
          else if (event.key === 'Escape') list.replaceChildren();
        },
      });
      return el('div', { class: 'search' }, input, list);
    }

    drawLegend();
    await view.draw();
    redraw.push(drawLegend, () => view.draw());
    sheets = await loadSheets(part.thumbnail);
    groups(part, pick);
    return { points, place: (i) => view.place(i), select, selected: () => chosen, choose: (indices) => view.choose(indices), frames: (wanted) => view.frames(wanted), settled: () => view.ready() };
  }

  /** Near duplicates, a strip for each group. */
  function groups(part, pick) {
    const place = document.getElementById('groups');
    if (!place) return;
    place.append(...part.groups.map((group) => el('div', { class: 'strip' }, el('span', { class: 'pale' }, count(group.images)), ...group.points.map((i) => pick(i, 56)))));
  }

  // The page.

  function head() {
    document.getElementById('title').textContent = report.title;
    const words = [report.created_at.slice(0, 10), report.program];
    if (report.data_set) words.push(...report.data_set.facts.filter((f) => f.name === 'images').map((f) => f.value + ' images'));
    if (report.evaluation) words.push(...report.evaluation.facts.slice(0, 2).map((f) => `${f.name} ${f.value}`));
    document.getElementById('subtitle').textContent = words.join(' · ');
    if (report.missing.length > 0) {
      document.getElementById('main').append(el('div', { class: 'missing', id: 'missing' }, 'This page lacks:',
        el('ul', {}, ...report.missing.map((lack) => el('li', {}, el('strong', {}, lack.part), '. ' + lack.how)))));
    }
  }

  async function show() {
    head();
    const drawn = report.map ? map(report.map) : Promise.resolve({});
    if (report.map && report.map.groups.length > 0) {
      section('duplicates', 'Near duplicates', el('p', {}, `Images joined by pairs with a ${report.map.group_note}: ${report.map.groups.length === 1 ? '1 group' : `${report.map.groups.length} groups, the largest first`}.`), el('div', { id: 'groups' }));
    }
    if (report.training) training(report.training);
    if (report.evaluation) evaluation(report.evaluation);
    if (report.data_set) dataSet(report.data_set);
    if (report.views) section('views', 'Views', el('p', {}, report.views.note), el('div', { class: 'views' }, el('img', { src: report.views.picture, alt: 'Images and pairs of their views' })));
    if (report.model) section('model', 'Model', factTable(report.model.facts), el('details', {}, el('summary', {}, 'All settings'), factTable(report.model.settings)));
    document.getElementById('main').append(el('footer', {}, el('details', {},
      el('summary', { class: 'note' }, 'This page needs no network. Libraries in it and their licenses'),
      el('pre', { class: 'note' }, document.getElementById('licenses').textContent))));
    setUpTheme();
    Object.assign(window.simclrReport, await drawn);
    await window.simclrReport.settled?.();
  }

  window.simclrReport = {};
  window.simclrReport.ready = show();
})();
