/**
 * Why things are as they are: questions of physics, chemistry and biology whose answer is a few sentences with known key words.
 *
 * Invariants: a model answer contains every key word that is required of an answer; the phenomenon is the lineage.
 */
import type { DrawForm } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing, wordCount } from '../writing.js';

interface Phenomenon {
  readonly question: string;
  /** One sentence each: what is seen, the cause, the mechanism, the consequence. */
  readonly links: readonly [string, string, string, string];
  readonly keywords: readonly [string, string, string];
}

const of = (
  question: string,
  keywords: Phenomenon['keywords'],
  ...links: Phenomenon['links']
): Phenomenon => ({ question, keywords, links });

const PHENOMENA = {
  physics: [
    of(
      'why a metal spoon feels colder than a wooden one in the same room',
      ['conducts', 'heat', 'temperature'],
      'Both spoons have the same temperature as the room.',
      'Metal conducts heat much better than wood does.',
      'It carries heat away from the warm skin quickly, so the skin cools.',
      'The hand senses this loss of heat and takes it for cold.',
    ),
    of(
      'why thunder is heard after lightning is seen',
      ['light', 'sound', 'slower'],
      'Light and sound start at the same moment.',
      'The light arrives almost at once because it is extremely fast.',
      'The sound is slower and needs about three seconds for a kilometre.',
      'So the delay grows with the distance of the storm.',
    ),
    of(
      'why a passenger leans forward when a bus brakes',
      ['inertia', 'force', 'motion'],
      'The passenger moves as fast as the bus before it brakes.',
      'The brakes exert a force on the bus, not directly on the passenger.',
      'By inertia the body keeps its motion until something slows it down.',
      'So it seems to be thrown forward relative to the bus.',
    ),
    of(
      'why ships made of steel float',
      ['density', 'displaces', 'buoyancy'],
      'A ship is a hollow shell that is mostly filled with air.',
      'Its average density is therefore lower than that of water.',
      'It sinks in only until it displaces as much water as it weighs.',
      'The buoyancy then equals the weight and the ship floats.',
    ),
    of(
      'why the sky looks blue at noon',
      ['scattered', 'wavelength', 'blue'],
      'Sunlight is a mixture of all colours.',
      'Molecules of air scatter light of a short wavelength much more than red light.',
      'So blue light is scattered into every direction and reaches the eye from all over the sky.',
      'The other colours mostly pass straight through.',
    ),
    of(
      'why a skater spins faster with the arms pulled in',
      ['angular momentum', 'mass', 'faster'],
      'No outside force turns the skater, so angular momentum is conserved.',
      'With the arms out, part of the mass is far away from the axis.',
      'Pulling the arms in brings this mass closer to the axis.',
      'To keep angular momentum the same, the skater must turn faster.',
    ),
    of(
      'why water boils at a lower temperature on a high mountain',
      ['pressure', 'vapour', 'lower'],
      'Water boils when its vapour can form bubbles inside the liquid.',
      'The bubbles must push against the pressure of the air.',
      'On a mountain the pressure of the air is smaller.',
      'So the vapour reaches that pressure at a lower temperature.',
    ),
    of(
      'why a bicycle pump gets warm when it is used',
      ['compressed', 'work', 'energy'],
      'The air in the pump is compressed by the moving piston.',
      'The hand does work on the gas with every stroke.',
      'This work becomes inner energy of the air, whose particles move faster.',
      'So the air and then the wall of the pump get warm.',
    ),
  ],
  chemistry: [
    of(
      'why ice floats on water',
      ['density', 'molecules', 'hydrogen bonds'],
      'Ice floats because its density is lower than that of liquid water.',
      'When water freezes, hydrogen bonds hold the molecules in an open lattice.',
      'In this lattice the molecules have more space between them than in the liquid.',
      'The same mass fills a larger volume, so ice is lifted up.',
    ),
    of(
      'why iron rusts faster near the sea',
      ['oxygen', 'salt', 'electrons'],
      'Rust forms when iron gives electrons to oxygen in the presence of water.',
      'Sea air brings salt to the wet surface of the iron.',
      'The dissolved salt lets charge move more easily, so the reaction speeds up.',
      'So the same piece of iron is eaten away sooner at the coast.',
    ),
    of(
      'why soap removes grease from hands',
      ['water', 'grease', 'micelles'],
      'Water alone does not mix with grease.',
      'A soap particle has one end that likes water and one that likes grease.',
      'Many of them surround a drop of grease and form micelles.',
      'The outside of these likes water, so they are rinsed away.',
    ),
    of(
      'why an antacid helps against heartburn',
      ['acid', 'base', 'neutralize'],
      'Heartburn comes from stomach acid that reaches the gullet.',
      'An antacid contains a weak base.',
      'Acid and base neutralize each other and form a salt and water.',
      'With less acid left, the burning stops.',
    ),
    of(
      'why sugar dissolves faster in hot tea than in cold tea',
      ['particles', 'energy', 'collide'],
      'Sugar dissolves when water pulls its particles out of the crystal.',
      'In hot water the particles have more energy.',
      'They collide with the crystal more often and harder.',
      'So the sugar is carried away from the surface sooner.',
    ),
    of(
      'why a flame goes out under a glass',
      ['oxygen', 'burning', 'reaction'],
      'The burning of wax is a reaction with the oxygen of the air.',
      'Under a glass no fresh air can come in.',
      'The flame uses up oxygen until too little of it is left for burning.',
      'Then the reaction stops and the flame dies.',
    ),
    of(
      'why salt is spread on icy roads',
      ['freezing point', 'particles', 'liquid'],
      'Salt dissolves in the thin film of water on the ice.',
      'Its particles get between the molecules of the liquid.',
      'They make it harder to form a crystal, which lowers the freezing point.',
      'So the mixture stays liquid below zero degrees.',
    ),
    of(
      'why a cut apple turns brown',
      ['oxygen', 'enzymes', 'cells'],
      'Cutting an apple opens many of its cells.',
      'Substances of the cells meet enzymes and the oxygen of the air.',
      'The enzymes speed up a reaction that forms brown compounds.',
      'Lemon juice slows it down, because acid hinders the enzymes.',
    ),
  ],
  biology: [
    of(
      'why leaves of many trees turn yellow in autumn',
      ['chlorophyll', 'pigments', 'light'],
      'In summer leaves are green because they are full of chlorophyll.',
      'In autumn there is less light and the tree takes chlorophyll apart.',
      'Yellow pigments were there all the time but were hidden.',
      'Once the green is gone, these pigments show.',
    ),
    of(
      'why the heart beats faster during sport',
      ['oxygen', 'muscles', 'blood'],
      'Working muscles need more energy.',
      'To release it they need more oxygen and sugar, which the blood brings.',
      'The heart pumps faster, so more blood reaches the muscles each minute.',
      'The blood also carries carbon dioxide and heat away faster.',
    ),
    of(
      'why a vaccine protects against a disease',
      ['immune system', 'antibodies', 'memory cells'],
      'A vaccine shows the immune system a harmless part or form of a germ.',
      'The body makes antibodies that fit it.',
      'It also keeps memory cells for a long time.',
      'When the real germ comes, these answer before the disease can spread.',
    ),
    of(
      'why plants bend towards a window',
      ['auxin', 'light', 'grow'],
      'Plants need light and bend towards it.',
      'The hormone auxin moves to the shaded side of the stem.',
      'There it makes the cells grow longer than on the bright side.',
      'The uneven growth bends the stem towards the light.',
    ),
    of(
      'why bacteria become resistant to an antibiotic',
      ['mutation', 'survive', 'offspring'],
      'In a large number of bacteria a few carry a mutation that protects them by chance.',
      'The antibiotic kills the others.',
      'The protected ones survive and have more room and food.',
      'Their offspring inherit the mutation, so resistance spreads.',
    ),
    of(
      'why yeast makes dough rise',
      ['sugar', 'carbon dioxide', 'bubbles'],
      'Yeast is a living fungus that feeds on sugar in the dough.',
      'As it breaks the sugar down it gives off carbon dioxide.',
      'The gas is caught as bubbles in the stretchy dough.',
      'The bubbles make the dough larger and lighter.',
    ),
    of(
      'why camels can go for days without drinking',
      ['water', 'sweat', 'kidneys'],
      'Camels lose very little water.',
      'They sweat late, because their body may warm up by several degrees.',
      'Their kidneys keep most of the water and make thick urine.',
      'So their supply of water lasts for many days.',
    ),
    of(
      'why fish can breathe under water',
      ['gills', 'oxygen', 'blood'],
      'Water contains dissolved oxygen.',
      'Fish let water stream over their gills.',
      'The gills have a large surface with thin walls, so oxygen passes into the blood.',
      'The blood flows against the water, which makes the exchange efficient.',
    ),
  ],
} as const satisfies Record<string, readonly Phenomenon[]>;

/** The form of a subject; harder questions ask for more. */
export function explain(subject: keyof typeof PHENOMENA): DrawForm {
  return (random, difficulty) => {
    const index = random.integer(0, PHENOMENA[subject].length - 1);
    const { question, links, keywords } = PHENOMENA[subject][index]!;
    const answer = links.join(' ');
    return {
      form: 'explanation',
      parameters: String(index),
      write(scene, wording) {
        const person = scene.pick(PEOPLE);
        const place = scene.pick(PLACES);
        const listener = scene.pick([
          'a curious neighbour',
          'a class of beginners',
          'a younger sister',
          'a radio audience',
          'visitors of a museum',
          'a friend on a walk',
          'readers of a school paper',
        ]);
        const depth = byLevel(
          difficulty,
          'Name the cause.',
          'Name the cause and describe the mechanism.',
          'Name the cause, describe the mechanism and say what follows from it.',
        );
        const words = series3(keywords);
        const body = wording.pick([
          `${person} from ${place} wants to explain to ${listener} ${question}. ${depth} Use the words ${words}.`,
          `Explain ${question}, as ${person} would tell it to ${listener} in ${place}. ${depth} The words ${words} must appear.`,
          `In ${place}, ${person} was asked by ${listener} ${question}. Write the explanation. ${depth} It needs the words ${words}.`,
        ]);
        return {
          question: body + closing(wording),
          answer,
          steps: [
            `Say first what is to be explained: ${question}. An explanation needs a cause, a mechanism that leads from the cause to the effect, and a check that it fits what is observed.`,
            `Start from what is certain. ${links[0]}`,
            `Now the cause. ${links[1]}`,
            `The mechanism connects the two. ${links[2]}`,
            `This leads to what is observed. ${links[3]} The key words ${words} all have a place in this chain, and no step relies on something that has not been said.`,
            `Put together in this order, from cause to effect, these sentences answer the question.`,
          ],
          work: [`explain ${question}`, `use ${inOrderOf(answer, keywords).join(', ')}`],
          keywords,
          constraints: {
            required_keywords: keywords,
            min_words: 20,
            max_words: Math.max(80, Math.ceil(wordCount(answer) * 1.6)),
          },
        };
      },
    };
  };
}

/** The words in the order in which a text first uses them. */
function inOrderOf(text: string, words: readonly string[]): string[] {
  const placeOf = (word: string): number => text.toLowerCase().indexOf(word.toLowerCase());
  return [...words].sort((a, b) => placeOf(a) - placeOf(b));
}

function series3([a, b, c]: readonly [string, string, string]): string {
  return `"${a}", "${b}" and "${c}"`;
}
