//! What can go wrong, and when: rules that pick requests by path, domain, number or chance.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One way in which an answer goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The answer is late by `ms`, and up to `jitter_ms` more. Adds to every other fault.
    Latency {
        /// Milliseconds always.
        ms: u64,
        /// Milliseconds at most on top.
        #[serde(default)]
        jitter_ms: u64,
    },
    /// The connection is reset (RST) in place of an answer.
    Reset,
    /// Half the body arrives, then the connection is reset (RST).
    ResetWhileAnswering,
    /// The connection is closed in good order in place of an answer. Over HTTP/2 only the stream ends.
    CloseWithoutAnswer,
    /// Half the body arrives, less than `content-length` says, then the connection closes.
    Truncated,
    /// Half the body arrives, then nothing; the connection stays open.
    Stall,
    /// The body never ends: after the answer come spaces for ever.
    NeverEnding,
    /// The body arrives `bytes` at a time, `every_ms` apart.
    SlowDrip {
        /// Bytes at a time.
        bytes: usize,
        /// Milliseconds between.
        every_ms: u64,
    },
    /// 200 with bytes that are neither UTF-8 nor JSON.
    Garbage,
    /// 200 with JSON of another shape.
    WrongShape,
    /// 200 with an HTML page.
    HtmlOk,
    /// 429, with the given `retry-after` if any: seconds or an HTTP date.
    TooManyRequests {
        /// The header's text.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// 403 with the page of an address that is not allow-listed.
    ForbiddenPage,
    /// The given status, 500 to 599, with an HTML page.
    ServerError {
        /// The HTTP status.
        status: u16,
    },
    /// 200 with nothing in it.
    EmptyBody,
    /// The given status with this text as JSON: the error envelopes of a registrar, among others.
    Verbatim {
        /// The HTTP status.
        status: u16,
        /// The whole body.
        body: String,
    },
    /// 200 with valid JSON of about this size, sent without `content-length`.
    HugeBody {
        /// Bytes at least.
        bytes: usize,
    },
    /// The answer is about another domain than the one asked for.
    OtherDomain,
    /// Every domain shows a term that ended a hundred days ago, past any grace period.
    EverythingExpired,
    /// Lists show nothing, and say so in their total.
    EmptyList,
    /// A page of a list shows nothing while the total stays: with `after` and `next`, one page is missing.
    EmptyPage,
    /// The total of a list is seven more than there are rows.
    WrongTotal,
}

/// A fault and the requests it befalls: those for which everything given holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: Fault,
    /// The path contains this: `domains/search.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The request is about this domain, by name or by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// So many matching requests go by first.
    #[serde(default)]
    pub after: u64,
    /// Only the next so many matching requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// Only by this chance, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl FaultRule {
    /// For every request.
    pub fn always(fault: Fault) -> Self {
        Self { fault, path: None, domain: None, after: 0, next: None, probability: None }
    }

    /// For requests whose path contains this.
    pub fn on_path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// For requests about this domain.
    pub fn for_domain(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }

    /// For the next so many matching requests.
    pub fn for_next(mut self, requests: u64) -> Self {
        self.next = Some(requests);
        self
    }

    /// After so many matching requests.
    pub fn starting_after(mut self, requests: u64) -> Self {
        self.after = requests;
        self
    }

    /// By this chance.
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }
}

/// All rules. Latencies add up; of the others the first that fits counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Makes chances repeatable.
    pub seed: u64,
    /// In order of precedence.
    pub rules: Vec<FaultRule>,
}

impl Faults {
    /// One rule.
    pub fn one(rule: FaultRule) -> Self {
        Self::of([rule])
    }

    /// Several rules.
    pub fn of(rules: impl IntoIterator<Item = FaultRule>) -> Self {
        Self { seed: 1, rules: rules.into_iter().collect() }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::one(FaultRule::always(fault))
    }
}

/// What befalls one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fate {
    pub(crate) latency: Duration,
    pub(crate) fault: Option<Fault>,
}

/// Rules with their counters.
#[derive(Debug)]
pub(crate) struct FaultEngine {
    rules: Vec<(FaultRule, u64)>,
    chance: fastrand::Rng,
}

impl FaultEngine {
    pub(crate) fn new(faults: Faults) -> Self {
        Self {
            chance: fastrand::Rng::with_seed(faults.seed),
            rules: faults.rules.into_iter().map(|rule| (rule, 0)).collect(),
        }
    }

    /// Whether any rule asks which domain a request is about.
    pub(crate) fn needs_domain(&self) -> bool {
        self.rules.iter().any(|(rule, _)| rule.domain.is_some())
    }

    pub(crate) fn decide(&mut self, path: &str, domain: Option<&str>) -> Fate {
        let mut fate = Fate::default();
        for (rule, seen) in &mut self.rules {
            let is_latency = matches!(rule.fault, Fault::Latency { .. });
            let fits = rule.path.as_deref().is_none_or(|part| path.contains(part))
                && rule
                    .domain
                    .as_deref()
                    .is_none_or(|name| domain.is_some_and(|domain| domain.eq_ignore_ascii_case(name)));
            // A rule that stands behind another one is not used up by it.
            if !fits || (fate.fault.is_some() && !is_latency) {
                continue;
            }
            if rule.probability.is_some_and(|probability| self.chance.f64() >= probability) {
                continue;
            }
            *seen += 1;
            let number = seen.saturating_sub(rule.after);
            if number == 0 || rule.next.is_some_and(|next| number > next) {
                continue;
            }
            match rule.fault {
                Fault::Latency { ms, jitter_ms } => {
                    fate.latency += Duration::from_millis(ms + self.chance.u64(0..=jitter_ms));
                }
                ref fault => fate.fault = Some(fault.clone()),
            }
        }
        fate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_pick_by_path_domain_and_number_and_latencies_add_up() {
        let mut engine = FaultEngine::new(Faults::of([
            FaultRule::always(Fault::Latency { ms: 5, jitter_ms: 0 }),
            FaultRule::always(Fault::Latency { ms: 7, jitter_ms: 0 }).on_path("search"),
            FaultRule::always(Fault::Garbage).on_path("search").starting_after(1).for_next(1),
            FaultRule::always(Fault::EmptyBody).for_domain("Amber.com"),
        ]));
        let fate = |ms, fault| Fate { latency: Duration::from_millis(ms), fault };
        assert_eq!(engine.decide("domains/search.json", None), fate(12, None));
        assert_eq!(engine.decide("domains/search.json", None), fate(12, Some(Fault::Garbage)));
        assert_eq!(engine.decide("domains/search.json", None), fate(12, None));
        assert_eq!(engine.decide("x", Some("amber.com")), fate(5, Some(Fault::EmptyBody)));
        assert_eq!(engine.decide("x", Some("other.com")), fate(5, None));
    }

    #[test]
    fn chances_repeat_by_seed_and_are_about_as_likely_as_said() {
        let faults = Faults::one(FaultRule::always(Fault::Reset).with_probability(0.25));
        let run = || {
            let mut engine = FaultEngine::new(faults.clone());
            (0..1_000).map(|_| engine.decide("x", None).fault.is_some()).collect::<Vec<_>>()
        };
        let hits = run().into_iter().filter(|hit| *hit).count();
        assert!((200..300).contains(&hits), "{hits}");
        assert_eq!(run(), run());
    }

    #[test]
    fn faults_have_the_documented_json_and_a_misspelt_kind_is_refused() {
        let text = r#"{"rules":[{"kind":"too_many_requests","retry_after":"3","path":"search","next":2}]}"#;
        let faults: Faults = serde_json::from_str(text).unwrap();
        let expected = FaultRule::always(Fault::TooManyRequests { retry_after: Some("3".to_owned()) })
            .on_path("search")
            .for_next(2);
        assert_eq!(faults.rules, [expected]);
        assert!(serde_json::from_str::<Faults>(r#"{"rules":[{"kind":"reste"}]}"#).is_err());
    }
}
