"use strict";
// Cards are written by the server; this only plays, seeks, sorts and filters them.
const list = document.getElementById("list");
const cards = [...list.querySelectorAll(".card")];
const filter = document.getElementById("filter");
const sort = document.getElementById("sort");
const count = document.getElementById("count");
let current = null;

const audioOf = (card) => card.querySelector("audio");
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
const lengthOf = (card) => Number(card.dataset.duration);

function show(card, message) {
  const line = card.querySelector(".error");
  line.textContent = message;
  line.hidden = !message;
}

function choose(card, focus) {
  if (current) current.classList.remove("current");
  current = card;
  card.classList.add("current");
  if (focus) {
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }
}

function toggle(card) {
  const audio = audioOf(card);
  choose(card, false);
  if (!audio) return show(card, "This mashup has no sound that can be played from here.");
  if (!audio.paused) return audio.pause();
  for (const other of cards) if (other !== card && audioOf(other)) audioOf(other).pause();
  audio.play().catch((error) => {
    if (error.name !== "AbortError") show(card, "The mp3 was not found or cannot be played.");
  });
}

function place(card, seconds) {
  const ribbon = card.querySelector(".ribbon");
  card.querySelector(".now").textContent = clock(seconds);
  card.querySelector(".head").style.left = `${(100 * seconds) / lengthOf(card)}%`;
  ribbon.setAttribute("aria-valuenow", String(Math.round(seconds)));
  ribbon.setAttribute("aria-valuetext", clock(seconds));
}

function seek(card, seconds) {
  const audio = audioOf(card);
  if (!audio) return;
  const moment = Math.min(Math.max(seconds, 0), lengthOf(card));
  const go = () => { audio.currentTime = moment; };
  place(card, moment);
  if (audio.readyState > 0) return go();
  audio.addEventListener("loadedmetadata", go, { once: true });
  audio.preload = "metadata";
  audio.load();
}

function follow(card) {
  const audio = audioOf(card);
  if (audio.paused) return;
  place(card, audio.currentTime);
  requestAnimationFrame(() => follow(card));
}

function wire(card) {
  const audio = audioOf(card);
  const ribbon = card.querySelector(".ribbon");
  const button = card.querySelector(".play");
  button.addEventListener("click", () => toggle(card));
  const at = (event) => {
    const box = ribbon.getBoundingClientRect();
    seek(card, ((event.clientX - box.left) / box.width) * lengthOf(card));
  };
  ribbon.addEventListener("pointerdown", (event) => {
    choose(card, false);
    ribbon.setPointerCapture(event.pointerId);
    at(event);
  });
  ribbon.addEventListener("pointermove", (event) => { if (event.buttons) at(event); });
  if (!audio) return;
  const label = button.getAttribute("aria-label").replace(/^Play /, "");
  audio.addEventListener("play", () => {
    card.classList.add("playing");
    button.setAttribute("aria-label", `Pause ${label}`);
    show(card, "");
    follow(card);
  });
  audio.addEventListener("pause", () => {
    card.classList.remove("playing");
    button.setAttribute("aria-label", `Play ${label}`);
  });
  audio.addEventListener("error", () => show(card, "The mp3 was not found or cannot be played."));
  audio.addEventListener("ended", () => step(1, true));
}

function visible() { return [...list.querySelectorAll(".card")].filter((card) => !card.hidden); }

function step(by, play) {
  const shown = visible();
  if (!shown.length) return;
  const index = shown.indexOf(current);
  const next = index < 0 ? 0 : index + by;
  if (next < 0 || next >= shown.length) return;
  const playing = play || (current && current.classList.contains("playing"));
  choose(shown[next], true);
  if (playing) toggle(shown[next]);
}

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of cards) {
    const text = card.dataset.text.toLowerCase();
    card.hidden = !words.every((word) => text.includes(word));
  }
  const shown = visible().length;
  count.textContent = shown === cards.length ? `${shown} mashup${shown === 1 ? "" : "s"}` : `${shown} of ${cards.length} mashups`;
}

function applySort() {
  const by = sort.value;
  const text = (a, b) => a.dataset.title.localeCompare(b.dataset.title);
  const value = (card) => (card.dataset[by] === "" ? -Infinity : Number(card.dataset[by]));
  const order = {
    title: text,
    made: (a, b) => (a.dataset.made < b.dataset.made ? 1 : a.dataset.made > b.dataset.made ? -1 : text(a, b)),
  }[by] || ((a, b) => (value(a) === value(b) ? text(a, b) : value(b) - value(a)));
  list.append(...cards.slice().sort(order));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select");
  if (event.key === "Escape" && typing) return event.target.blur();
  if (typing) return;
  const onControl = event.target.matches("button, summary, a");
  const actions = {
    " ": () => (onControl ? false : toggle(current || visible()[0])),
    j: () => step(1, false),
    k: () => step(-1, false),
    ArrowLeft: () => current && audioOf(current) && seek(current, audioOf(current).currentTime - 5),
    ArrowRight: () => current && audioOf(current) && seek(current, audioOf(current).currentTime + 5),
    "/": () => filter.focus(),
    p: () => { const more = current && current.querySelector("details"); if (more) more.open = !more.open; },
  };
  const action = actions[event.key];
  if (action && cards.length && action() !== false) event.preventDefault();
}

cards.forEach(wire);
filter.addEventListener("input", applyFilter);
sort.addEventListener("change", applySort);
document.addEventListener("keydown", onKey);
if (cards.length) applySort();
