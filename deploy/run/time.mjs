// Owns how durations read: "12:40 min" in tables, "4 min" in sentences.

const two = (value) => String(value).padStart(2, "0");

/** 760 → "12:40" */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** 240 → "4 min", 270 → "4:30 min", 0.8 → "0.8 s" */
export function span(seconds) {
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  return `${seconds % 60 === 0 ? seconds / 60 : clock(seconds)} min`;
}

/** 1440 → "about 24 min left" */
export function left(seconds) {
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
