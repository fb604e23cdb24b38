//! Questions to several nodes at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// The answers in the order of the questions, once all are there.
pub async fn side_by_side<T, F: Future<Output = T>>(questions: impl IntoIterator<Item = F>) -> Vec<T> {
    let mut asked: Vec<(Pin<Box<F>>, Option<T>)> =
        questions.into_iter().map(|question| (Box::pin(question), None)).collect();
    poll_fn(|context| {
        for (question, answer) in asked.iter_mut().filter(|(_, answer)| answer.is_none()) {
            if let Poll::Ready(told) = question.as_mut().poll(context) {
                *answer = Some(told);
            }
        }
        match asked.iter().all(|(_, answer)| answer.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    asked.into_iter().filter_map(|(_, answer)| answer).collect()
}
