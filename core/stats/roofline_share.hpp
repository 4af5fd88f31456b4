// How near a case came to what its device can do, and whether it claims to have passed it. The least
// work follows from the model's size and the shape of the case: weights are read once in a step, keys
// and values of a sequence once for each of its tokens, and a token costs two operations for each
// parameter. Nothing that an engine does can need less, so that a case which was faster did not do
// all of its work.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stats/case_metrics.hpp"

namespace lmbench::stats {

// Of the device that has most to do. 0: not known.
struct ModelWork {
  double parameters = 0;             // of the whole model
  double weight_bytes_per_step = 0;  // that this device reads at least
  double kv_bytes_per_token = 0;     // of this device
  std::uint32_t devices = 1;         // that share the arithmetic
};

struct PeakRate {
  double per_s = 0;          // of one device; 0: not known
  bool is_measured = false;  // else it is the data sheet's, which nothing can pass
};

struct DeviceLimits {
  PeakRate read_bytes;
  PeakRate operations;
  std::optional<double> cache_bytes;  // the largest cache; empty: not known
};

struct CaseShape {
  std::uint32_t concurrency = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
};

// Empty where one of the figures it needs is not known.
struct RooflineShare {
  // Of a step in the steady windows: least time to read weights, keys and values / mean step. Not
  // where several tokens may come of one step, nor where the weights may stay in a cache.
  std::optional<double> decode_mbu_percent;
  // Of the prefills: least time for the arithmetic / time from release to last first token.
  std::optional<double> prefill_mfu_percent;
  // Of the case: least time for all prefills and all decode steps / the test phase. As
  // decode_mbu_percent.
  std::optional<double> roofline_percent;
};

RooflineShare roofline_share(const CaseMetrics& metrics, const CaseShape& shape,
                             const ModelWork& model, const DeviceLimits& limits);

// Whether a case took less than 0.95 of a least time. measured_peak: of one that follows from a
// measured rate, which the device may pass now and then; nominal_peak: the figures are wrong.
enum class RooflinePassed { nothing, measured_peak, nominal_peak };

RooflinePassed passed_roofline(const CaseMetrics& metrics, const ModelWork& model,
                               const DeviceLimits& limits);

}  // namespace lmbench::stats
