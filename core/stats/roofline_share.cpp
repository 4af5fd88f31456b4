// SPDX-License-Identifier: Apache-2.0
#include "stats/roofline_share.hpp"

#include <algorithm>

namespace lmbench::stats {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr double kOperationsPerParameter = 2;  // a multiplication and an addition
constexpr double kLeastShareOfTime = 0.95;     // stamps and model figures are not exact

// Weights of four times the cache cannot come from it in a noticeable part.
bool are_weights_beyond_cache(const ModelWork& model, const DeviceLimits& limits) {
  constexpr double kTimesCache = 4;
  return limits.cache_bytes && model.weight_bytes_per_step >= kTimesCache * *limits.cache_bytes;
}

bool is_reading_known(const CaseMetrics& metrics, const ModelWork& model,
                      const DeviceLimits& limits) {
  return limits.read_bytes.per_s > 0 && model.weight_bytes_per_step > 0 &&
         are_weights_beyond_cache(model, limits) && !metrics.is_coalesced();
}

// Over the mean step. By Little's law the mean step is the mean number of sequences over the rate of
// their tokens, so that this holds however the engine spreads sequences over its passes.
std::optional<double> decode_reading_share(const CaseMetrics& metrics, const ModelWork& model,
                                           const DeviceLimits& limits) {
  if (!is_reading_known(metrics, model, limits) || !metrics.steady_step_ns ||
      !metrics.steady_mean_batch || *metrics.steady_step_ns <= 0) {
    return std::nullopt;
  }
  const double context_tokens = *metrics.steady_mean_batch * *metrics.steady_context_tokens;
  const double bytes = model.weight_bytes_per_step + context_tokens * model.kv_bytes_per_token;
  return bytes / limits.read_bytes.per_s * kNsPerSecond / *metrics.steady_step_ns;
}

std::optional<double> prefill_share(const CaseMetrics& metrics, double operations_per_token,
                                    const ModelWork& model, const DeviceLimits& limits) {
  if (limits.operations.per_s <= 0 || operations_per_token <= 0 || !metrics.prefill_tok_s) {
    return std::nullopt;
  }
  return *metrics.prefill_tok_s * operations_per_token / (limits.operations.per_s * model.devices);
}

double operations_per_token(const ModelWork& model) {
  return kOperationsPerParameter * model.parameters;
}

// What a token needs even where it does not use all parameters (an embedding, a mixture of experts):
// the elements that a step reads, counted as if they had two bytes. Smaller ones are more, and of
// larger ones the parameters are the bound.
double least_operations_per_token(const ModelWork& model) {
  constexpr double kBytesPerElement = 2;
  if (model.weight_bytes_per_step <= 0) return operations_per_token(model);
  const double used = model.weight_bytes_per_step * model.devices / kBytesPerElement;
  return kOperationsPerParameter * std::min(model.parameters, used);
}

// Of one round: the prefill of all its sequences, then as many steps as a sequence has further
// tokens.
double least_round_s(const CaseShape& shape, const ModelWork& model, const DeviceLimits& limits) {
  const double sequences = shape.concurrency;
  const double read_per_s = limits.read_bytes.per_s;
  const double token_s = operations_per_token(model) / (limits.operations.per_s * model.devices);
  double total_s =
      std::max(sequences * shape.prompt_tokens * token_s, model.weight_bytes_per_step / read_per_s);
  const double step_arithmetic_s = sequences * token_s;
  for (std::uint32_t i = 1; i < shape.completion_tokens; ++i) {
    const double context_tokens = sequences * (static_cast<double>(shape.prompt_tokens) + i);
    const double bytes = model.weight_bytes_per_step + context_tokens * model.kv_bytes_per_token;
    total_s += std::max(step_arithmetic_s, bytes / read_per_s);
  }
  return total_s;
}

std::optional<double> percent(const std::optional<double>& share) {
  return share ? std::optional(*share * 100) : std::nullopt;
}

}  // namespace

RooflineShare roofline_share(const CaseMetrics& metrics, const CaseShape& shape,
                             const ModelWork& model, const DeviceLimits& limits) {
  RooflineShare share;
  share.decode_mbu_percent = percent(decode_reading_share(metrics, model, limits));
  share.prefill_mfu_percent =
      percent(prefill_share(metrics, operations_per_token(model), model, limits));
  if (is_reading_known(metrics, model, limits) && limits.operations.per_s > 0 &&
      model.parameters > 0 && metrics.test_ns > 0 && shape.concurrency > 0) {
    const double rounds = static_cast<double>(metrics.requests) / shape.concurrency;
    const double least_s = rounds * least_round_s(shape, model, limits);
    share.roofline_percent = least_s * kNsPerSecond / metrics.test_ns * 100;
  }
  return share;
}

RooflinePassed passed_roofline(const CaseMetrics& metrics, const ModelWork& model,
                               const DeviceLimits& limits) {
  const auto finding = [](const std::optional<double>& share, const PeakRate& peak) {
    if (share.value_or(0) <= 1 / kLeastShareOfTime) return RooflinePassed::nothing;
    return peak.is_measured ? RooflinePassed::measured_peak : RooflinePassed::nominal_peak;
  };
  return std::max(finding(decode_reading_share(metrics, model, limits), limits.read_bytes),
                  finding(prefill_share(metrics, least_operations_per_token(model), model, limits),
                          limits.operations));
}

}  // namespace lmbench::stats
