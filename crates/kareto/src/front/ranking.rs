//! Orders among vectors beyond the front: layers of non-domination and crowding.
//!
//! After Deb et al., NSGA-II (IEEE TEC 2002). What the evolutionary baselines select by.

use super::non_dominated;

/// The layer of every vector: 0 on the front, 1 on the front of the rest, and so on.
pub(crate) fn layers(vectors: &[[f64; 3]]) -> Vec<usize> {
    let mut layers = vec![0; vectors.len()];
    let mut left: Vec<usize> = (0..vectors.len()).collect();
    let mut layer = 0;
    while !left.is_empty() {
        let remaining: Vec<[f64; 3]> = left.iter().map(|&index| vectors[index]).collect();
        let front = non_dominated(&remaining);
        front.iter().for_each(|&position| layers[left[position]] = layer);
        let mut position = 0;
        left.retain(|_| {
            position += 1;
            front.binary_search(&(position - 1)).is_err()
        });
        layer += 1;
    }
    layers
}

/// Crowding distance of every vector among all of them: the sum over the objectives of the scaled distance between
/// its two neighbours; infinite at the ends.
pub(crate) fn crowding(vectors: &[[f64; 3]]) -> Vec<f64> {
    let mut crowding = vec![0.0; vectors.len()];
    for k in 0..3 {
        let mut order: Vec<usize> = (0..vectors.len()).collect();
        order.sort_by(|&a, &b| vectors[a][k].total_cmp(&vectors[b][k]).then(a.cmp(&b)));
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return crowding };
        let range = vectors[last][k] - vectors[first][k];
        // An objective in which all agree has no ends.
        if range > 0.0 {
            crowding[first] = f64::INFINITY;
            crowding[last] = f64::INFINITY;
            for triple in order.windows(3) {
                crowding[triple[1]] += (vectors[triple[2]][k] - vectors[triple[0]][k]) / range;
            }
        }
    }
    crowding
}

/// Positions from best to worst: by layer, then less crowded first within the layer, then by position.
pub(crate) fn best_first(vectors: &[[f64; 3]]) -> Vec<usize> {
    let layers = layers(vectors);
    let mut distance = vec![0.0; vectors.len()];
    for layer in 0..=layers.iter().copied().max().unwrap_or(0) {
        let members: Vec<usize> = (0..vectors.len()).filter(|&index| layers[index] == layer).collect();
        let among: Vec<[f64; 3]> = members.iter().map(|&index| vectors[index]).collect();
        members.iter().zip(crowding(&among)).for_each(|(&index, crowding)| distance[index] = crowding);
    }
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    order.sort_by(|&a, &b| {
        layers[a].cmp(&layers[b]).then(distance[b].total_cmp(&distance[a])).then(a.cmp(&b))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_and_crowding_by_hand() {
        let vectors = [[0.0, 4.0, 0.0], [4.0, 0.0, 0.0], [1.0, 3.0, 0.0], [3.0, 3.0, 0.0], [4.0, 4.0, 1.0]];
        // (3, 3) is dominated by (1, 3) alone; (4, 4, 1) also by (3, 3).
        assert_eq!(layers(&vectors), [0, 0, 0, 1, 2]);
        // Between (0, 4) and (4, 0) the middle one sees the whole range twice: 1 + 1, and nothing in the third.
        assert_eq!(crowding(&vectors[..3]), [f64::INFINITY, f64::INFINITY, 2.0]);
        assert_eq!(best_first(&vectors), [0, 1, 2, 3, 4]);
    }
}
