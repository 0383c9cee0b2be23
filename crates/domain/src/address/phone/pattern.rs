//! Patterns over digits, as the phone metadata writes them, compiled to tables.
//!
//! The metadata describes numbers by regular expressions of a small kind: digits, `\d`, classes, groups, alternatives,
//! and counts. An import asks a dozen of them per row, and a general engine behind a shared cache takes microseconds
//! for that. Over an alphabet of ten symbols a deterministic automaton is a small table, and a match is one look-up
//! per digit.

use std::collections::HashMap;

/// A compiled pattern that must match the whole number.
#[derive(Debug)]
pub(super) struct Pattern {
    /// `table[state][digit]` is the next state; state 0 is the dead end.
    table: Vec<[u16; 10]>,
    accepts: Vec<bool>,
}

const DEAD: u16 = 0;
const START: u16 = 1;

impl Pattern {
    /// Compiles a pattern of the metadata. `None` if it is of a kind not known here.
    pub(super) fn compile(source: &str) -> Option<Self> {
        let mut parser =
            Parser { source: source.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect(), at: 0 };
        let tree = parser.alternatives()?;
        if parser.at != parser.source.len() {
            return None;
        }
        let mut machine = Machine::default();
        let start = machine.state();
        let end = machine.build(&tree, start);
        machine.determine(start, end)
    }

    /// Whether all of these ASCII digits match.
    pub(super) fn is_match(&self, digits: &[u8]) -> bool {
        let mut state = START;
        for digit in digits {
            state = self.table[usize::from(state)][usize::from(digit - b'0')];
            if state == DEAD {
                return false;
            }
        }
        self.accepts[usize::from(state)]
    }

    /// Whether some beginning of these ASCII digits matches.
    pub(super) fn matches_start(&self, digits: &[u8]) -> bool {
        let mut state = START;
        for digit in digits {
            if self.accepts[usize::from(state)] {
                return true;
            }
            state = self.table[usize::from(state)][usize::from(digit - b'0')];
        }
        self.accepts[usize::from(state)]
    }
}

/// A piece of a pattern.
enum Node {
    /// One digit out of a set; bit n is digit n.
    Digit(u16),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeated {
        node: Box<Node>,
        least: u8,
        most: u8,
    },
}

struct Parser {
    source: Vec<u8>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn alternatives(&mut self) -> Option<Node> {
        let mut branches = vec![self.sequence()?];
        while self.take(b'|') {
            branches.push(self.sequence()?);
        }
        Some(Node::Alternatives(branches))
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while !matches!(self.peek(), None | Some(b'|' | b')')) {
            let node = self.atom()?;
            nodes.push(self.counted(node)?);
        }
        Some(Node::Sequence(nodes))
    }

    fn atom(&mut self) -> Option<Node> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'0'..=b'9' => Some(Node::Digit(1 << (byte - b'0'))),
            b'\\' => self.take(b'd').then_some(Node::Digit(0x3ff)),
            b'[' => self.class(),
            b'(' => {
                if self.take(b'?') && !self.take(b':') {
                    return None;
                }
                let inside = self.alternatives()?;
                self.take(b')').then_some(inside)
            }
            _ => None,
        }
    }

    fn class(&mut self) -> Option<Node> {
        let mut set = 0;
        while !self.take(b']') {
            let (first, mut last) = (self.digit()?, None);
            if self.take(b'-') {
                last = Some(self.digit()?);
            }
            for digit in first..=last.unwrap_or(first) {
                set |= 1 << digit;
            }
        }
        Some(Node::Digit(set))
    }

    fn digit(&mut self) -> Option<u8> {
        let digit = self.peek().filter(u8::is_ascii_digit)? - b'0';
        self.at += 1;
        Some(digit)
    }

    fn counted(&mut self, node: Node) -> Option<Node> {
        let (least, most) = if self.take(b'?') {
            (0, 1)
        } else if self.take(b'{') {
            let least = self.number()?;
            let most = if self.take(b',') { self.number()? } else { least };
            if !self.take(b'}') {
                return None;
            }
            (least, most)
        } else {
            return Some(node);
        };
        (least <= most).then(|| Node::Repeated { node: Box::new(node), least, most })
    }

    fn number(&mut self) -> Option<u8> {
        let mut number = self.digit()?;
        while let Some(digit) = self.digit() {
            number = number.checked_mul(10)?.checked_add(digit)?;
        }
        Some(number)
    }
}

/// The non-deterministic automaton, and its turning into a deterministic one.
#[derive(Default)]
struct Machine {
    /// Per state: where a digit of the set leads.
    steps: Vec<Vec<(u16, usize)>>,
    /// Per state: what is reached without a digit.
    free: Vec<Vec<usize>>,
}

impl Machine {
    fn state(&mut self) -> usize {
        self.steps.push(Vec::new());
        self.free.push(Vec::new());
        self.steps.len() - 1
    }

    /// Adds a piece from a state on; returns the state in which it has matched.
    fn build(&mut self, node: &Node, from: usize) -> usize {
        match node {
            Node::Digit(set) => {
                let to = self.state();
                self.steps[from].push((*set, to));
                to
            }
            Node::Sequence(nodes) => nodes.iter().fold(from, |at, node| self.build(node, at)),
            Node::Alternatives(branches) => {
                let to = self.state();
                for branch in branches {
                    let end = self.build(branch, from);
                    self.free[end].push(to);
                }
                to
            }
            Node::Repeated { node, least, most } => {
                let to = self.state();
                let mut at = from;
                for _ in 0..*least {
                    at = self.build(node, at);
                }
                for _ in *least..*most {
                    self.free[at].push(to);
                    at = self.build(node, at);
                }
                self.free[at].push(to);
                to
            }
        }
    }

    fn closure(&self, states: &mut Vec<usize>) {
        let mut next = 0;
        while next < states.len() {
            for &state in &self.free[states[next]] {
                if !states.contains(&state) {
                    states.push(state);
                }
            }
            next += 1;
        }
        states.sort_unstable();
    }

    fn determine(&self, start: usize, end: usize) -> Option<Pattern> {
        let mut first = vec![start];
        self.closure(&mut first);
        let mut pattern = Pattern { table: vec![[DEAD; 10]; 2], accepts: vec![false, first.contains(&end)] };
        let mut numbers = HashMap::from([(first.clone(), START)]);
        let mut open = vec![(first, START)];
        while let Some((states, number)) = open.pop() {
            for digit in 0..10_u8 {
                let mut reached: Vec<usize> = Vec::new();
                for &(set, to) in states.iter().flat_map(|&state| &self.steps[state]) {
                    if set & (1 << digit) != 0 && !reached.contains(&to) {
                        reached.push(to);
                    }
                }
                if reached.is_empty() {
                    continue;
                }
                self.closure(&mut reached);
                let next = match numbers.get(&reached) {
                    Some(&known) => known,
                    None => {
                        let new = u16::try_from(pattern.table.len()).ok()?;
                        pattern.table.push([DEAD; 10]);
                        pattern.accepts.push(reached.contains(&end));
                        numbers.insert(reached.clone(), new);
                        open.push((reached, new));
                        new
                    }
                };
                pattern.table[usize::from(number)][usize::from(digit)] = next;
            }
        }
        Some(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_numbers_only() {
        let pattern = Pattern::compile(r"9(?:[1-36]\d|4[05])\d{2,3}|80?").expect("a known kind");
        for yes in ["91000", "945000", "8", "80", "963999"] {
            assert!(pattern.is_match(yes.as_bytes()), "{yes}");
        }
        for no in ["", "9", "9100", "9100000", "94100", "800", "95000"] {
            assert!(!pattern.is_match(no.as_bytes()), "{no}");
        }
        assert!(pattern.matches_start(b"8012345"));
        assert!(!pattern.matches_start(b"7"));
    }

    #[test]
    fn other_kinds_of_pattern_are_refused_not_misread() {
        for source in ["9+", "a", "(?!9)", "[^0]", "9{2", "(9", "9)", r"\w", "9{3,2}"] {
            assert!(Pattern::compile(source).is_none(), "{source}");
        }
    }

    /// Every pattern of the metadata compiles, and answers like a regular expression engine on numbers close to real.
    #[test]
    fn the_metadata_means_here_what_it_means_elsewhere() {
        for meta in phonenumber::metadata::DATABASE.iter() {
            let descriptors = meta.descriptors();
            let kinds =
                [descriptors.fixed_line(), descriptors.mobile(), descriptors.toll_free(), descriptors.voip()];
            let examples = kinds.iter().flatten().filter_map(|kind| kind.example()).collect::<Vec<_>>();
            for kind in kinds.into_iter().flatten().chain([descriptors.general()]) {
                let source = kind.national_number().as_str();
                let ours = Pattern::compile(source).unwrap_or_else(|| panic!("{}: {source}", meta.id()));
                let theirs = regex::Regex::new(&format!("(?x)^(?:{source})$")).expect("a valid expression");
                for example in &examples {
                    for near in neighbours(example) {
                        assert_eq!(
                            ours.is_match(&near),
                            theirs.is_match(std::str::from_utf8(&near).expect("ASCII"))
                        );
                    }
                }
            }
        }
    }

    /// The number itself, with each digit changed, with one digit less, and with one more.
    fn neighbours(example: &str) -> Vec<Vec<u8>> {
        let mut all = vec![example.as_bytes().to_vec(), [example.as_bytes(), b"5"].concat()];
        for at in 0..example.len() {
            for digit in b'0'..=b'9' {
                let mut changed = example.as_bytes().to_vec();
                changed[at] = digit;
                all.push(changed);
            }
        }
        all.push(example.as_bytes()[1..].to_vec());
        all
    }
}
