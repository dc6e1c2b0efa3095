// Makes the page quicker, and is needed for none of it: sending a file with its progress, mending without loading the
// whole page, news of what is being done.

document.documentElement.classList.add("js");

// ------------------------------------------------------------------------------------------------- sending

const upload = document.getElementById("upload");
if (upload) {
  const input = upload.querySelector("input[type=file]");
  const sending = upload.querySelector(".sending");
  const bar = sending.querySelector("progress");
  const said = sending.querySelector("[role=status]");
  const problem = upload.querySelector(".problem");
  upload.querySelector("[data-hide]").hidden = true;
  let busy = false;

  const fail = (text) => {
    busy = false;
    sending.hidden = true;
    input.disabled = false;
    input.value = "";
    problem.textContent = text;
  };
  const send = (file) => {
    if (busy || !file) return;
    busy = true;
    problem.textContent = "";
    sending.hidden = false;
    said.textContent = said.dataset.sending;
    const form = new FormData();
    form.append("file", file, file.name);
    input.disabled = true;
    const request = new XMLHttpRequest();
    request.open("POST", upload.getAttribute("action"));
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.upload.onload = () => {
      bar.removeAttribute("value");
      said.textContent = said.dataset.checking;
    };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* not ours */ }
      if (answer.path) location.assign(answer.path);
      else fail(answer.error || problem.dataset.lost);
    };
    request.onerror = () => fail(problem.dataset.lost);
    request.send(form);
  };
  input.addEventListener("change", () => send(input.files[0]));
  upload.addEventListener("submit", (event) => { event.preventDefault(); send(input.files[0]); });
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => { event.preventDefault(); upload.classList.add("over"); });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) upload.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    upload.classList.remove("over");
    send(event.dataTransfer.files[0]);
  });
}

// -------------------------------------------------------------------------------------------- every form

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.ask && !window.confirm(form.dataset.ask)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.once !== undefined) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.ariaBusy = "true";
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.ariaBusy = null;
});

// ------------------------------------------------------------------------------------------------- mending

const mending = document.getElementById("mending");
if (mending) {
  let turn = Promise.resolve();
  let putting = false;
  const said = document.getElementById("said"); // it stays, so that screen readers tell what is put into it
  const tell = (text) => { said.textContent = text; };

  const wrongInputs = () => [...mending.querySelectorAll("td input[aria-invalid]")];

  // Puts the part in, and leaves people where they were: what is open, how far they scrolled, where the cursor is, and
  // what they have written meanwhile.
  const put = (html, sent) => {
    const open = new Map([...mending.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    const scroll = mending.querySelector(".scroll");
    const place = scroll ? [scroll.scrollLeft, scroll.scrollTop] : null;
    const active = mending.contains(document.activeElement) ? document.activeElement : null;
    const at = active && active.matches("td input") ? Math.max(0, wrongInputs().indexOf(active)) : -1;
    const row = active && active.closest("tr") ? active.closest("tr").querySelector("th").id : "";
    const written = [...mending.querySelectorAll("td input")]
      .filter((one) => one.value !== one.defaultValue && one.name !== sent)
      .map((one) => [one.id, one.value]);
    putting = true; // a browser may take a cell that goes for one that was left
    mending.innerHTML = html; // the server's own page, in which every cell is escaped
    putting = false;
    const news = mending.querySelector("[data-said]");
    tell(news ? news.textContent : "");
    for (const [id, is] of open) {
      const found = document.getElementById(id);
      if (found) found.open = is;
    }
    const again = mending.querySelector(".scroll");
    if (again && place) again.scrollTo(place[0], place[1]);
    for (const [id, value] of written) {
      const found = document.getElementById(id);
      if (found) found.value = value;
    }
    if (!active) return;
    const same = active.id && document.getElementById(active.id);
    const near = at >= 0 ? wrongInputs()[at] || wrongInputs()[0] : row && document.getElementById(row)?.querySelector("button, a");
    const next = same || near || again;
    if (next) next.focus({ preventScroll: true });
    if (next && !same) next.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const load = (path, options, sent, then) => {
    turn = turn.then(async () => {
      mending.classList.add("busy");
      mending.ariaBusy = "true";
      let answer = null;
      try {
        answer = await fetch(path, { ...options, headers: { "X-Part": "1" }, redirect: "error" });
        if (answer.ok && answer.status !== 205) {
          put(await answer.text(), sent);
          if (then) then();
        } else {
          location.reload(); // the whole file is being checked anew, or somebody else is at it
        }
      } catch {
        if (answer) location.reload();
        else tell(said.dataset.lost); // what was written stays, to be sent again
      } finally {
        mending.classList.remove("busy");
        mending.ariaBusy = null;
      }
    });
    return turn;
  };
  const look = (query, hash) => {
    const path = location.pathname.replace(/check$/, "grid");
    const shown = new URLSearchParams(query);
    shown.delete("open");
    history.replaceState(null, "", location.pathname + (shown.size ? `?${shown}` : ""));
    load(`${path}?${query}`, {}, "", () => {
      const target = hash && document.getElementById(hash);
      if (!target) return;
      const first = hash.startsWith("row-") && target.closest("tr").querySelector("td input");
      if (first) first.focus();
      else if (hash !== "grid" || target.getBoundingClientRect().top < 0 || target.getBoundingClientRect().top > innerHeight * 0.7) target.scrollIntoView({ block: "start" });
    });
  };
  mending.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-part], .pager a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const address = new URL(link.href);
    look(address.search.slice(1), address.hash.slice(1) || "grid");
  });
  mending.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.partGet !== undefined) {
      event.preventDefault();
      look(new URLSearchParams(new FormData(form)).toString(), `row-${form.elements.row.value}`);
    } else if (form.dataset.part !== undefined) {
      event.preventDefault();
      const body = new FormData(form, event.submitter);
      load(form.getAttribute("action"), { method: "POST", body });
    }
  });
  mending.addEventListener("change", (event) => {
    const cells = event.target.closest("[data-cells]");
    if (putting || !cells || !event.target.name.startsWith("cell-")) return;
    const body = new FormData();
    body.append(event.target.name, event.target.value);
    // whoever goes on with Tab is at the next cell by then
    setTimeout(() => load(cells.getAttribute("action"), { method: "POST", body }, event.target.name), 0);
  });
  mending.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches("td input")) event.target.value = event.target.defaultValue;
    if (event.key === "Enter" && event.target.matches("td input")) {
      event.preventDefault();
      const inputs = [...mending.querySelectorAll("td input")];
      const next = inputs[inputs.indexOf(event.target) + 1];
      if (next) next.focus();
      else event.target.blur();
    }
  });
  mending.addEventListener("dblclick", (event) => {
    const row = event.target.closest("tr");
    const link = row && row.querySelector('a[href*="open="]');
    if (link && !event.target.closest("input, a, button")) link.click();
  });
}

// ---------------------------------------------------------------------------------------------------- news

const waiting = document.querySelector("[data-events]");
if (waiting) {
  const SPOKEN_MS = 10_000; // a screen reader that tells every request never comes to an end
  const bar = waiting.querySelector("progress");
  const spoken = waiting.querySelector("[data-spoken]");
  const title = document.title;
  const news = new EventSource(waiting.dataset.events);
  let spokenAt = -Infinity;
  let waits = "";
  const speak = (told) => {
    if (performance.now() - spokenAt < SPOKEN_MS && told.waits === waits) return;
    spokenAt = performance.now();
    waits = told.waits;
    spoken.textContent = [told.status, told.left, told.waits].filter(Boolean).join(". ");
  };
  const show = (told) => {
    for (const place of waiting.querySelectorAll("[data-live]")) {
      const text = told[place.dataset.live] || "";
      if (place.textContent !== text) place.textContent = text;
    }
  };
  news.onmessage = (event) => {
    const told = JSON.parse(event.data);
    if (told.finished) {
      news.close();
      location.reload();
      return;
    }
    if (told.share === null) bar.removeAttribute("value");
    else bar.value = told.share;
    document.title = told.share === null ? title : `${Math.floor(told.share * 100)} % · ${title}`;
    show(told);
    speak(told);
  };
  news.onerror = () => {
    bar.removeAttribute("value");
    document.title = title;
    show({ waits: waiting.dataset.lost });
    spoken.textContent = waiting.dataset.lost;
  };
}
