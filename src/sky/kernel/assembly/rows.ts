/** A row in memory: right ascension and declination (f64, degrees), number of the row (f64). They are looked at together. */
export const ROW_BYTES: usize = 24

export function raOf(row: usize): f64 {
  return load<f64>(row)
}

export function decOf(row: usize): f64 {
  return load<f64>(row, 8)
}

export function numberOf(row: usize): u32 {
  return u32(load<f64>(row, 16))
}

export function putRow(at: usize, ra: f64, dec: f64, number: f64): void {
  store<f64>(at, ra)
  store<f64>(at, dec, 8)
  store<f64>(at, number, 16)
}

export function copyRow(from: usize, to: usize): void {
  putRow(to, raOf(from), decOf(from), load<f64>(from, 16))
}
