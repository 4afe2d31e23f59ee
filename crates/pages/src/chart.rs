//! The front as a picture: cost against TTFT, throughput as colour, the baseline and the picks marked.

use deployment::Problem;
use experiment::Listed;
use kareto::front::Front;
use kareto::space::AxisValue;
use kareto::{Archive, DesignSpace, Evaluation, Point};
use report::chart::{self, Axis, Join, Mark, Marker, Scatter, Svg};

/// Draws the front of what was searched.
pub(super) fn front_chart(
    title: &str,
    currency: &str,
    space: &DesignSpace,
    searched: &Archive,
    listed: &[Listed],
) -> Result<Svg, Problem> {
    let cost = Axis::linear(format!("cost of the trace [{currency}]"));
    let evaluations: Vec<(&Point, &Evaluation)> = searched.iter().collect();
    let most = most_shown(searched, &evaluations, listed);
    let mut chart = Scatter::new(title, cost, ttft_axis(&evaluations, most));
    chart.y_most = most;
    chart.color = Some(Axis::linear("throughput [tokens/s]"));
    chart.points = evaluations.iter().map(|(_, evaluation)| dot(evaluation)).collect();
    chart.front = Some(front(searched, &evaluations));
    chart.marks = marks(space, listed);
    chart.to_svg().map_err(Problem::machine)
}

/// The largest TTFT that the axis shows, where a few configurations are much slower than all that are worth a look: than the
/// slowest one that nothing cheaper beats, and than every listed one. `None` shows all.
fn most_shown(searched: &Archive, evaluations: &[(&Point, &Evaluation)], listed: &[Listed]) -> Option<f64> {
    /// How far the axis goes beyond the slowest configuration that is worth a look.
    const ROOM: f64 = 1.5;
    /// The largest share of configurations that may lie beyond it.
    const A_FEW: f64 = 0.15;
    let ttft = |evaluation: &Evaluation| evaluation.objectives.ttft_s_mean();
    // The cheapest configuration is the slowest on the front of cost and TTFT.
    let cheapest = Front::of(searched).points().first().map(|(_, evaluation)| ttft(evaluation))?;
    let most = ROOM * listed.iter().map(|row| ttft(&row.evaluation)).fold(cheapest, f64::max);
    let beyond = evaluations.iter().filter(|(_, evaluation)| ttft(evaluation) > most).count();
    (beyond > 0 && beyond as f64 <= A_FEW * evaluations.len() as f64).then_some(most)
}

/// The axis is logarithmic where a queue makes the slowest configurations several times slower than the fastest. On a
/// linear axis all useful configurations would lie at the bottom.
fn ttft_axis(evaluations: &[(&Point, &Evaluation)], most_shown: Option<f64>) -> Axis {
    const SEVERAL_TIMES: f64 = 3.0;
    let ttfts = || evaluations.iter().map(|(_, evaluation)| evaluation.objectives.ttft_s_mean());
    let (least, most) = (ttfts().fold(f64::INFINITY, f64::min), ttfts().fold(0.0, f64::max));
    if least > 0.0 && most.min(most_shown.unwrap_or(most)) > SEVERAL_TIMES * least {
        Axis::log("mean TTFT [s]")
    } else {
        Axis::linear("mean TTFT [s]")
    }
}

fn dot(evaluation: &Evaluation) -> chart::Point {
    let objectives = &evaluation.objectives;
    chart::Point {
        x: objectives.cost(),
        y: objectives.ttft_s_mean(),
        color: Some(objectives.throughput_tokens_per_s()),
    }
}

/// Rings the front in three objectives, and joins the points on the front of cost and TTFT alone.
fn front(searched: &Archive, evaluations: &[(&Point, &Evaluation)]) -> chart::Front {
    let front = Front::of(searched);
    let place = |point: &Point| evaluations.iter().position(|(known, _)| *known == point);
    let (mut ringed, mut joined, mut least) = (Vec::new(), Vec::new(), f64::INFINITY);
    // The cheapest point comes first. A point is on the two-dimensional front if it is faster than all cheaper ones.
    for (point, evaluation) in front.points() {
        let Some(index) = place(point) else { continue };
        ringed.push(index);
        if evaluation.objectives.ttft_s_mean() < least {
            least = evaluation.objectives.ttft_s_mean();
            joined.push(index);
        }
    }
    chart::Front { name: "Pareto front".to_owned(), ringed, joined, join: Join::Step }
}

/// One mark for each listed configuration, with all its roles. The baseline is a star.
fn marks(space: &DesignSpace, listed: &[Listed]) -> Vec<Mark> {
    let mut marks: Vec<(&Point, Mark)> = Vec::new();
    for row in listed {
        let (label, marker) = match row.title {
            "baseline" => (format!("fixed {}", what_it_has(space, &row.point)), Marker::Star),
            title => (title.to_owned(), Marker::Diamond),
        };
        match marks.iter_mut().find(|(point, _)| **point == row.point) {
            Some((_, mark)) => mark.label += &format!(", {label}"),
            None => {
                let objectives = &row.evaluation.objectives;
                let (x, y) = (objectives.cost(), objectives.ttft_s_mean());
                marks.push((&row.point, Mark { x, y, label, marker }));
            }
        }
    }
    marks.into_iter().map(|(_, mark)| mark).collect()
}

/// The settings of a point that are not 0.
fn what_it_has(space: &DesignSpace, point: &Point) -> String {
    let settings = space.axes().iter().zip(space.values(point));
    let has = settings.filter(|(_, value)| *value != AxisValue::Integer(0));
    has.map(|(axis, value)| format!("{}={value}", axis.name)).collect::<Vec<_>>().join(", ")
}
