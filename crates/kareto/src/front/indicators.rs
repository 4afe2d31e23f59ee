//! How far one front is from another: IGD+ and the additive epsilon.
//!
//! Both compare vectors of which less is better and both depend on the objectives' scales: [`Scale`] brings each
//! to 0..1 over a reference set first. The hypervolume needs no scale; it is in [`super::hypervolume`].

/// Brings every objective to 0..1 over a set of vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    least: [f64; 3],
    range: [f64; 3],
}

impl Scale {
    /// The scale on which these vectors span 0..1. An objective without a range keeps its unit. None without vectors.
    #[must_use]
    pub fn of(vectors: &[[f64; 3]]) -> Option<Self> {
        let first = *vectors.first()?;
        let least = [0, 1, 2].map(|axis| vectors.iter().fold(first[axis], |least, v| least.min(v[axis])));
        let most = [0, 1, 2].map(|axis| vectors.iter().fold(first[axis], |most, v| most.max(v[axis])));
        let range =
            [0, 1, 2].map(|axis| if most[axis] > least[axis] { most[axis] - least[axis] } else { 1.0 });
        Some(Self { least, range })
    }

    /// A vector on this scale.
    #[must_use]
    pub fn apply(&self, vector: &[f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| (vector[axis] - self.least[axis]) / self.range[axis])
    }

    /// Vectors on this scale.
    #[must_use]
    pub fn apply_all(&self, vectors: &[[f64; 3]]) -> Vec<[f64; 3]> {
        vectors.iter().map(|vector| self.apply(vector)).collect()
    }
}

/// IGD+: the mean, over the reference front, of how far the nearest vector of `front` is worse than it (Euclidean).
///
/// 0 if every reference vector is weakly dominated. After Ishibuchi et al., EMO 2015. None if either set is empty.
#[must_use]
pub fn igd_plus(front: &[[f64; 3]], reference_front: &[[f64; 3]]) -> Option<f64> {
    let worse_by = |reached: &[f64; 3], wanted: &[f64; 3]| {
        reached.iter().zip(wanted).map(|(a, z)| (a - z).max(0.0).powi(2)).sum::<f64>().sqrt()
    };
    let distances: Option<Vec<f64>> = reference_front
        .iter()
        .map(|wanted| front.iter().map(|reached| worse_by(reached, wanted)).min_by(f64::total_cmp))
        .collect();
    let distances = distances.filter(|distances| !distances.is_empty())?;
    Some(distances.iter().sum::<f64>() / distances.len() as f64)
}

/// Additive epsilon: the least amount by which `front` must be improved in every objective to weakly dominate the
/// reference front. After Zitzler et al., IEEE TEC 2003. None if either set is empty.
#[must_use]
pub fn additive_epsilon(front: &[[f64; 3]], reference_front: &[[f64; 3]]) -> Option<f64> {
    let needed = |reached: &[f64; 3], wanted: &[f64; 3]| {
        reached.iter().zip(wanted).map(|(a, z)| a - z).fold(f64::NEG_INFINITY, f64::max)
    };
    let per_wanted: Option<Vec<f64>> = reference_front
        .iter()
        .map(|wanted| front.iter().map(|reached| needed(reached, wanted)).min_by(f64::total_cmp))
        .collect();
    per_wanted?.into_iter().max_by(f64::total_cmp)
}
