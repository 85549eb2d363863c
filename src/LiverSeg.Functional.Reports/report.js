'use strict';
/* A press on a column's head sorts the table by it: first the worst-known way round, then the other. Cells without a value stay below. */
for (const table of document.querySelectorAll('table.cases')) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.querySelector('button').onclick = () => {
    const down = head.getAttribute('aria-sort') !== 'descending';
    const value = row => { const cell = row.cells[column]; return column === 0 ? cell.textContent : cell.dataset.value === '' ? null : +cell.dataset.value; };
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      const order = column === 0 ? x.localeCompare(y, 'en', { numeric: true }) : x - y;
      return down ? -order : order;
    });
    heads.forEach(h => h.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    body.append(...rows);
  });
}
