/** People, places and things of the dataset's stories. */
import type { Random } from '../../random.js';

export const PEOPLE = [
  'Maya',
  'Omar',
  'Priya',
  'Lucas',
  'Ingrid',
  'Tomas',
  'Aiko',
  'Nadia',
  'Felix',
  'Rosa',
  'Henrik',
  'Zainab',
  'Pablo',
  'Greta',
  'Kofi',
  'Yusuf',
  'Clara',
  'Mateo',
  'Sofia',
  'Ravi',
  'Elena',
  'Jonas',
  'Amara',
  'Viktor',
  'Leila',
  'Bruno',
  'Hana',
  'Silas',
  'Teresa',
  'Anton',
] as const;

export const PLACES = [
  'Oslo',
  'Lima',
  'Nairobi',
  'Porto',
  'Kyoto',
  'Quito',
  'Dakar',
  'Riga',
  'Hanoi',
  'Perth',
  'Cusco',
  'Tromso',
  'Galway',
  'Izmir',
  'Pune',
  'Malmo',
  'Bergen',
  'Tunis',
  'Cork',
  'Graz',
] as const;

/** Things that are counted, in the plural. */
export const GOODS = [
  'notebooks',
  'lanterns',
  'tulip bulbs',
  'postcards',
  'puzzle boxes',
  'candles',
  'water bottles',
  'clay pots',
  'paint brushes',
  'honey jars',
  'wool scarves',
  'bike lamps',
  'board games',
  'seed packets',
  'tea tins',
  'kites',
] as const;

/** Things with a price, in the singular with an article. */
export const WARES = [
  'a winter coat',
  'a desk lamp',
  'a pair of boots',
  'a guitar',
  'a rucksack',
  'a kettle',
  'a camping tent',
  'a wristwatch',
  'a bookshelf',
  'a rain jacket',
  'a pair of skates',
  'a wool blanket',
  'a telescope',
  'a mountain bike',
] as const;

/** Several different people. */
export function peopleOf(scene: Random, count: number): string[] {
  return scene.shuffle(PEOPLE).slice(0, count);
}
