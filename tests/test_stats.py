"""Statistics against brute force: every table, every assignment, every sample that can be."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings.evals import stats
from workings.evals.stats_distributions import binomial, binomial_below, t_quantile
from workings.evals.stats_sequential import Sequential, evidence


def brute_mcnemar(lost, won):
    """Share of the 2^m equally likely outcomes that are as far from even as the one seen."""
    pairs = lost + won
    far = [k for k in range(pairs + 1) if abs(2 * k - pairs) >= abs(lost - won)]
    return float(sum(Fraction(math.comb(pairs, k), 2**pairs) for k in far))


@pytest.mark.parametrize("lost", range(12))
@pytest.mark.parametrize("won", range(0, 12, 3))
def test_mcnemar_is_the_count_of_outcomes(lost, won):
    assert stats.mcnemar(lost, won) == pytest.approx(brute_mcnemar(lost, won), abs=1e-13)


def test_mcnemar_of_many_pairs_keeps_its_digits():
    term, tail = 1, 0
    for k in range(991):
        tail += term
        term = term * (2_001 - k) // (k + 1)
    assert stats.mcnemar(990, 1_011) == pytest.approx(
        float(Fraction(2 * tail, 2**2_001)), rel=1e-13
    )


def test_mid_p_is_halved_once():
    assert stats.mcnemar(3, 3, mid=True) == pytest.approx(1 - math.comb(6, 3) / 2**7)
    assert stats.mcnemar(1, 7, mid=True) == pytest.approx(2 * (1 + 8) / 256 - 8 / 256)


def test_no_discordant_pair_is_no_evidence():
    assert stats.mcnemar(0, 0) == 1.0
    assert stats.permutation([0.0] * 20) == 1.0


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_sign_flips_are_all_assignments(differences):
    seen = abs(sum(differences))
    signs = list(itertools.product((-1, 1), repeat=len(differences)))
    reached = sum(
        abs(sum(s * d for s, d in zip(one, differences, strict=True))) >= seen for one in signs
    )
    assert stats.permutation(differences) == pytest.approx(reached / len(signs))


def test_cases_of_one_document_are_one_vote():
    apart = stats.permutation([1.0] * 8)
    assert apart == pytest.approx(2 / 2**8)
    assert stats.permutation([1.0] * 8, ["d"] * 8) == 1.0
    assert stats.permutation([1.0] * 8, ["a"] * 4 + ["b"] * 4) == pytest.approx(0.5)


def test_drawn_flips_are_near_all_flips():
    differences = [1.0] * 17 + [-1.0] * 5
    assert stats.permutation(differences) == pytest.approx(stats.mcnemar(5, 17), abs=0.005)


def test_holm_by_hand():
    assert stats.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert stats.holm([]) == ()


@pytest.mark.parametrize("n", [1, 7, 30])
def test_wilson_holds_a_rate_exactly_when_the_score_test_accepts_it(n):
    for k in range(n + 1):
        held = stats.wilson(k, n)
        for p in (0.013, 0.21, 0.5, 0.77, 0.991):
            accepts = (k - n * p) ** 2 <= 1.959963984540054**2 * n * p * (1 - p)
            assert (held.low <= p <= held.high) == accepts


def test_tango_as_published():
    """Airway measurements of 21 children: Fagerland, Lydersen and Laake (2014), table 7."""
    found = stats.tango(1, 7, 21)
    assert (found.low, found.high) == pytest.approx((0.026, 0.517), abs=5e-4)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_tango_is_mirrored_and_never_narrower_than_nothing(lost, won, same):
    if lost + won + same == 0:
        return
    one, other = (
        stats.tango(lost, won, lost + won + same),
        stats.tango(won, lost, lost + won + same),
    )
    assert one.low == pytest.approx(-other.high, abs=1e-9)
    assert -1 <= one.low <= one.value <= one.high <= 1
    assert one.high - one.low > 0.01


def test_agreement_in_every_case_is_not_certainty():
    assert stats.tango(0, 0, 8).high > 0.3
    assert stats.difference_estimate([0.5] * 8, [0.5] * 8).high > 0.2
    assert not stats.equivalent(stats.tango(0, 0, 8), 0.05)
    assert stats.equivalent(stats.tango(0, 0, 80), 0.05)


@pytest.mark.parametrize("values", [[1.0] * 30, [0.0] * 30])
def test_all_pass_and_all_fail_have_width(values):
    for groups in (None, [place % 6 for place in range(30)]):
        found = stats.mean_estimate(values, groups)
        assert found.high - found.low > 0.1


def test_no_data_is_no_value():
    for found in (stats.mean_estimate([]), stats.difference_estimate([], []), stats.tango(0, 0, 0)):
        assert (found.value, found.low, found.n) == (None, None, 0)


def test_one_case():
    assert stats.mean_estimate([1.0]).low < 0.3
    assert stats.mean_estimate([3.5], bounded=False).low is None
    assert stats.difference_estimate([1.0], [0.0]).high > 0.5


@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
def test_what_is_no_number_is_refused_by_place(bad):
    with pytest.raises(ValueError, match=r"values\[1\] is (nan|inf)"):
        stats.mean_estimate([1.0, bad])


def test_the_method_is_switched_and_said():
    def method(values, groups=None):
        return stats.mean_estimate(values, groups).method

    scores = [0.3, 0.6, 0.9] * 20
    assert method([1.0, 0.0] * 40).startswith("Wilson")
    assert method(scores).startswith("bootstrap")
    assert "too little for the bootstrap" in method(scores[:30])
    assert method([1.0] * 58 + [0.5] * 2).startswith("Wilson")
    assert method(scores, [place // 3 for place in range(60)]).startswith("t 95% over 20 groups")


def test_groups_that_agree_within_widen_the_interval():
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0] * 20
    tied = stats.mean_estimate(values, [place // 3 for place in range(120)])
    alone = stats.mean_estimate(values)
    assert tied.high - tied.low > 1.4 * (alone.high - alone.low)


def test_the_same_seed_is_the_same_interval():
    values = [0.1, 0.5, 0.6] * 30
    assert stats.mean_estimate(values, seed=3) == stats.mean_estimate(values, seed=3)


def brute_power(n, effect, discordance):
    """Every split of n cases into won, lost and same."""
    won, lost = (discordance + effect) / 2, (discordance - effect) / 2
    total = 0.0
    for c in range(n + 1):
        for b in range(n + 1 - c):
            if brute_mcnemar(b, c) <= 0.05:
                ways = math.comb(n, c) * math.comb(n - c, b)
                total += ways * won**c * lost**b * (1 - won - lost) ** (n - b - c)
    return total


def test_power_is_the_sum_over_every_table():
    assert stats.power_paired(20, 0.3, 0.5) == pytest.approx(brute_power(20, 0.3, 0.5), abs=1e-6)


def test_five_cases_can_show_nothing():
    assert stats.detectable(5) is None
    assert stats.detectable(6) > 0.9
    assert "too few" in stats.detectable_line(5)


def test_what_is_detectable_is_found_with_that_power():
    least = stats.detectable(150, 0.2)
    assert stats.power_paired(150, least, 0.2) == pytest.approx(0.8, abs=1e-3)
    assert stats.sample_size_paired(least, 0.2) == pytest.approx(150, abs=4)
    assert stats.power_mean(stats.sample_size_mean(0.3, 1.0), 0.3, 1.0) >= 0.8


def test_power_does_not_jump_where_the_method_changes():
    below, above = stats.power_paired(1500, 0.035, 0.2), stats.power_paired(1502, 0.035, 0.2)
    assert below == pytest.approx(above, abs=0.01)


def test_wealth_is_a_fair_game():
    """Mean over all sequences of fair signs of the evidence against them is 1 (Ville)."""
    sequences = list(itertools.product((-1.0, 1.0), repeat=8))
    false = sum(p.min() <= 0.05 for p in map(evidence, map(list_to_array, sequences)))
    assert false / len(sequences) <= 0.05


def list_to_array(values):
    return stats.generator(0).permutation(1) * 0.0 + list(values)


def test_a_sequence_stops_when_it_is_decided():
    better, same = Sequential(), Sequential(margin=0.2)
    for _ in range(12):
        better.add(1.0)
    for _ in range(60):
        same.add(0.0)
    assert better.look().decision == "better"
    assert same.look().decision == "equivalent"
    assert Sequential().look().decision == "go on"


def test_the_class_and_the_batch_say_the_same():
    values = [1.0, 0.0, -1.0, 1.0, 0.5, 1.0, 1.0]
    one = Sequential()
    for value in values:
        one.add(value)
    assert one.look().p == pytest.approx(float(evidence(list_to_array(values))[-1]))


@pytest.mark.parametrize(("passes", "runs", "k"), [(0, 4, 2), (2, 5, 3), (3, 5, 3), (5, 5, 5)])
def test_passing_by_every_choice_of_runs(passes, runs, k):
    outcomes = [True] * passes + [False] * (runs - passes)
    chosen = list(itertools.combinations(outcomes, k))
    assert stats.pass_hat_k(passes, runs, k) == pytest.approx(sum(map(all, chosen)) / len(chosen))
    assert stats.pass_at_k(passes, runs, k) == pytest.approx(sum(map(any, chosen)) / len(chosen))


def test_fewer_runs_than_k_are_left_out():
    assert stats.pass_hat_k(2, 2, 3) is None
    assert stats.over_cases([(3, 3), (0, 3), (1, 1)], 3).n == 2


def test_kappa_by_hand():
    found = stats.kappa([1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15)
    assert found.value == pytest.approx(0.4)
    assert found.low < 0.4 < found.high


def test_kappa_of_one_label_has_no_value():
    found = stats.kappa(["pass"] * 9, ["pass"] * 9)
    assert (found.value, found.n) == (None, 9)


def test_perfect_agreement_of_few_is_not_certainty():
    found = stats.kappa([1, 0, 1, 0, 1], [1, 0, 1, 0, 1])
    assert found.value == 1.0
    assert found.low < 0.5


def test_auroc_counts_pairs_and_ties_as_half():
    scores, labels = [1, 2, 2, 3, 0], [True, True, False, True, False]
    pairs = [(a > b) + (a == b) / 2 for a in (1, 2, 3) for b in (2, 0)]
    found = stats.auroc(scores, labels)
    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    assert stats.auroc([1, 2], [True, True]).value is None
    separated = stats.auroc([1, 2, 3, 4], [False, False, True, True])
    assert separated.value == 1.0
    assert separated.low < 0.5


def test_a_judge_that_errs_is_corrected():
    found = stats.corrected_rate(62, 100, true_passes=(90, 100), true_fails=(80, 100))
    assert found.value == pytest.approx((0.62 + 0.8 - 1) / 0.7)
    assert found.high - found.low > stats.wilson(62, 100).high - stats.wilson(62, 100).low
    blind = stats.corrected_rate(62, 100, true_passes=(50, 100), true_fails=(50, 100))
    assert blind.value is None
    assert "does not tell" in blind.method


def test_the_loss_of_a_margin_is_excluded_or_not():
    held = stats.difference_estimate([1.0] * 40 + [0.0] * 60, [1.0] * 41 + [0.0] * 59)
    assert stats.non_inferior(held, 0.1)
    assert not stats.non_inferior(held, 0.01)
    assert not stats.non_inferior(stats.difference_estimate([], []), 0.1)


def test_distributions_at_known_points():
    assert t_quantile(0.975, 5) == pytest.approx(2.5705818356363, rel=1e-10)
    assert t_quantile(0.995, 2.5) == pytest.approx(7.163728138948783, rel=1e-10)
    assert binomial_below(3, 10) == pytest.approx(176 / 1024, rel=1e-13)
    assert float(binomial(range(31), 30, 0.3).sum()) == pytest.approx(1.0, rel=1e-13)
