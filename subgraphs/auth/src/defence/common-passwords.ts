/**
 * Words that passwords are made of most often, put together here from what published counts agree on. A password that is
 * one of them, with digits and signs around it or digits in place of letters, is among the first that are tried.
 */
const words = `
  password passwort motdepasse contrasena senha parola wachtwoord passwd passphrase pass
  qwerty qwertz azerty asdfgh zxcvbn qwertyuiop asdfghjkl zxcvbnm qazwsx qazwsxedc wsxedc qweasd qweasdzxc asdf qwer zaqxsw
  iloveyou ilovehim iloveher ilovegod loveyou lovely lover mylove forever fuckyou fuckoff fuck trustno
  welcome letmein changeme changeit default secret admin administrator root toor guest user username login test testing tester
  testtest temp temporary demo example sample system server master access manager service support office company business
  monkey dragon tiger lion panda kitten puppy doggie bear wolf eagle falcon shark dolphin butterfly
  football baseball basketball soccer hockey golf tennis liverpool chelsea arsenal barcelona realmadrid juventus yankees
  lakers steelers cowboys rangers
  sunshine princess angel angels flower cookie chocolate cheese pepper ginger banana orange apple cherry strawberry
  superman batman spiderman pokemon pikachu naruto starwars startrek matrix minecraft fortnite roblox mario zelda gandalf
  michael jennifer jessica ashley daniel michelle nicole jordan thomas robert matthew andrew joshua anthony charlie amanda
  justin samantha hannah maggie george alexander christian william victoria elizabeth benjamin jonathan nathan brandon melissa
  summer winter spring autumn monday friday sunday january february march april june july august september october november
  december
  freedom hello hellohello whatever nothing internet computer samsung iphone google facebook youtube twitter instagram
  microsoft windows linux apple android blink blinky corvette ferrari porsche mustang harley mercedes yamaha toyota
  abcdef abcdefg abcdefgh abcd aaaa money success blessed jesus jesuschrist heaven god babygirl babyboy baby sexy hottie
  killer hunter ranger soldier warrior phoenix shadow diamond silver golden purple yellow rainbow crystal
  america london paris berlin china canada australia mexico brazil india russia
  tessera
`;

const common: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word !== ''));

/** Rows of keyboards, the alphabet and the digits: runs of them, either way, are nothing that has to be guessed. */
const runs = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
];
const allRuns = [...runs, ...runs.map((run) => [...run].reverse().join(''))];

/** Digits and signs that stand for letters. */
const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Whether a password is among the first that anybody would try. */
export function isCommonPassword(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  const period = shortestPeriod(text);
  if (period <= 2 || (period < text.length && isCommonPart(text.slice(0, period)))) return true;
  return isCommonPart(text);
}

function isCommonPart(text: string): boolean {
  if (allRuns.some((run) => run.includes(text))) return true;
  const letters = text.replace(/^[^a-z]+|[^a-z]+$/g, '');
  if (letters === '' && /^\d{1,10}$/.test(text)) return true;
  return [
    text,
    letters,
    replaceLookalikes(text),
    replaceLookalikes(letters),
    replaceLookalikes(withoutTail(text)),
  ].some(
    (candidate) => common.has(candidate) || (candidate.length >= 4 && allRuns.some((run) => run.includes(candidate))),
  );
}

const withoutTail = (text: string): string => text.replace(/[\d\W_]+$/, '');

function replaceLookalikes(text: string): string {
  return [...text].map((character) => lookalikes[character] ?? character).join('');
}

/** How long the shortest part is that the text repeats (`abcabcabc`: 3); its length where it repeats none. */
function shortestPeriod(text: string): number {
  return (text + text).indexOf(text, 1);
}
