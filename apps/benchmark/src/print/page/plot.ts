/** One plot, as data in the page that its script reads. */
export interface Plot {
  /** What a person who cannot see it is told. */
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'logarithmic';
  readonly unit: 'microseconds' | 'count' | 'share';
}

export interface Series {
  readonly label: string;
  /** The number of a colour of the page. */
  readonly colour: number;
  readonly dash: readonly number[];
  /** By rising x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Whether each point is marked; a line with very many of them is not. */
  readonly dots: boolean;
}
