//! The one loop of every wait: a look at the hosts again and again, for as long as something moves there.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::event::{Event, FailureKind, Reporter};
use super::interrupt::Interrupt;
use super::step_error::StepError;

/// Most of what is waited for is there by then, and is seen at once.
const EAGER: Duration = Duration::from_secs(6);
/// The longest pause that a wait makes by itself.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What one look at the hosts found.
#[derive(Debug)]
pub enum Look<T> {
    /// What was waited for.
    Found(T),
    NotYet(Sign),
}

/// What is waited for. A trait and not a closure, because the future of a closure that changes what it holds
/// cannot be shown to be `Send`.
pub trait Awaited: Send {
    type Found: Send;

    fn look(&mut self) -> impl Future<Output = Result<Look<Self::Found>, StepError>> + Send;
}

impl<A: Awaited> Awaited for &mut A {
    type Found = A::Found;

    fn look(&mut self) -> impl Future<Output = Result<Look<A::Found>, StepError>> + Send {
        (**self).look()
    }
}

/// How far the thing has come that is waited for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sign {
    /// A word that differs from that of the last look is progress, and is told to the user.
    pub word: String,
    /// Something moves, though the word stays the same.
    pub moves: bool,
    /// Between 0 and 1, where the end can be known.
    pub fraction: Option<f64>,
}

/// How a wait ended, when no look failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited<T> {
    Found(T),
    /// Nothing has moved for as long as the patience lasts; the last word.
    Idle(String),
}

/// A wait that ends when nothing has moved for `patience`. It has no other deadline: how long a transfer or a
/// start takes is up to the data and the machine.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    every: Duration,
    patience: Duration,
    told: Option<(&'a dyn Reporter, &'a str)>,
    interrupt: Option<&'a Interrupt>,
}

impl<'a> Wait<'a> {
    /// `every`: the pause between the looks of the first seconds. Later it is a tenth of the time that the wait has lasted, but not
    /// above a second: a look costs the host processor time, and a start takes the longer, the busier the host is.
    pub fn new(every: Duration, patience: Duration) -> Self {
        Self { every, patience, told: None, interrupt: None }
    }

    /// Tells each new word as progress of the step with this id.
    pub fn told(self, reporter: &'a dyn Reporter, step: &'a str) -> Self {
        Self { told: Some((reporter, step)), ..self }
    }

    /// Ends when the user asks to stop. For a wait beside which nothing is under way.
    pub fn interrupted_by(self, interrupt: &'a Interrupt) -> Self {
        Self { interrupt: Some(interrupt), ..self }
    }

    /// Looks until what is waited for is there, or nothing moves any more. The patience counts from the last
    /// progress.
    ///
    /// Errors: a look failed, or the user asked to stop.
    pub async fn until<A: Awaited>(self, mut awaited: A) -> Result<Waited<A::Found>, StepError> {
        let began = Instant::now();
        let (mut last, mut moved) = (Sign::default(), began);
        loop {
            let sign = match awaited.look().await? {
                Look::Found(found) => return Ok(Waited::Found(found)),
                Look::NotYet(sign) => sign,
            };
            if sign.word != last.word {
                self.tell(&sign);
                moved = Instant::now();
            } else if sign.moves {
                moved = Instant::now();
            } else if moved.elapsed() > self.patience {
                return Ok(Waited::Idle(sign.word));
            }
            last = sign;
            if self.interrupt.is_some_and(Interrupt::requested) {
                let stopped = StepError::new("stopped while it waited, as asked");
                return Err(StepError { kind: FailureKind::Interrupted, ..stopped });
            }
            sleep(self.pause(began.elapsed())).await;
        }
    }

    fn pause(&self, waited: Duration) -> Duration {
        match waited < EAGER {
            true => self.every,
            false => self.every.max(LONGEST_PAUSE.min(waited / 10)),
        }
    }

    fn tell(&self, sign: &Sign) {
        if let Some((reporter, step)) = self.told {
            let (id, message) = (step.to_owned(), sign.word.clone());
            reporter.event(&Event::StepProgress { id, message, fraction: sign.fraction });
        }
    }
}

impl Sign {
    pub fn word(word: impl Into<String>) -> Self {
        Self { word: word.into(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Without any patience: the first look that shows nothing new ends the wait, however fast the machine is.
    fn impatient() -> Wait<'static> {
        Wait::new(Duration::ZERO, Duration::ZERO)
    }

    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Reporter for Told {
        fn event(&self, event: &Event) {
            let Event::StepProgress { id, message, .. } = event else { return };
            self.0.lock().expect("no panic").push(format!("{id}: {message}"));
        }
    }

    /// Looks that find these words, one after the other, and whether something moves; the last one stays.
    struct Looks<'a> {
        signs: &'a [(&'a str, bool)],
        number: usize,
    }

    impl Awaited for Looks<'_> {
        type Found = ();

        async fn look(&mut self) -> Result<Look<()>, StepError> {
            let (word, moves) = self.signs[self.number.min(self.signs.len() - 1)];
            self.number += 1;
            match word {
                "there" => Ok(Look::Found(())),
                "fails" => Err(StepError::surprise("it is in another cluster")),
                word => Ok(Look::NotYet(Sign { moves, ..Sign::word(word) })),
            }
        }
    }

    /// How the wait ended, and how many looks it took.
    async fn wait(wait: Wait<'_>, signs: &[(&str, bool)]) -> (Result<Waited<()>, StepError>, usize) {
        let mut looks = Looks { signs, number: 0 };
        (wait.until(&mut looks).await, looks.number)
    }

    #[test]
    fn the_longer_it_has_waited_the_less_often_it_looks() {
        let pauses = |every: u64| {
            let wait = Wait::new(Duration::from_millis(every), Duration::ZERO);
            [0, 5, 8, 600].map(|waited| wait.pause(Duration::from_secs(waited)).as_millis())
        };
        assert_eq!(pauses(200), [200, 200, 800, 1000]);
        assert_eq!(pauses(3000), [3000; 4]);
    }

    #[tokio::test]
    async fn each_new_word_renews_the_patience_and_is_told_once() {
        let told = Told::default();
        let signs = [("starts", false), ("queue 9", false), ("queue 8", false), ("there", false)];
        let (ended, looks) = wait(impatient().told(&told, "db2/server/join"), &signs).await;
        assert_eq!((ended.expect("no error"), looks), (Waited::Found(()), 4));
        let told = told.0.into_inner().expect("no panic");
        let words = ["starts", "queue 9", "queue 8"].map(|word| format!("db2/server/join: {word}"));
        assert_eq!(told, words);
    }

    #[tokio::test]
    async fn what_moves_without_a_new_word_renews_it_too() {
        let signs = [("receives", false), ("receives", true), ("receives", true), ("there", false)];
        let (ended, looks) = wait(impatient(), &signs).await;
        assert_eq!((ended.expect("no error"), looks), (Waited::Found(()), 4));
    }

    #[tokio::test]
    async fn a_wait_in_which_nothing_moves_ends_with_its_last_word() {
        let signs = [("receives", true), ("stands still", false)];
        let (ended, _) = wait(impatient(), &signs).await;
        assert_eq!(ended.expect("no error"), Waited::Idle("stands still".into()));
    }

    #[tokio::test]
    async fn a_look_that_fails_ends_the_wait() {
        let (ended, _) = wait(impatient(), &[("starts", false), ("fails", false)]).await;
        let error = ended.expect_err("an error");
        assert_eq!((error.message.as_str(), error.kind), ("it is in another cluster", FailureKind::Surprise));
    }

    #[tokio::test]
    async fn a_wait_beside_which_nothing_goes_on_ends_when_the_user_asks() {
        let (interrupt, told) = (Interrupt::default(), Told::default());
        interrupt.ask(&told);
        let patient = Wait::new(Duration::ZERO, Duration::MAX);
        let (ended, looks) = wait(patient.interrupted_by(&interrupt), &[("busy", false)]).await;
        assert_eq!((ended.expect_err("an error").kind, looks), (FailureKind::Interrupted, 1));
        let (ended, _) = wait(patient, &[("busy", false), ("there", false)]).await;
        assert_eq!(ended.expect("no error"), Waited::Found(()));
    }
}
