// The two passes over a rank's part of the model, queued into a stream: kernels, matrix products and
// collectives, nothing that waits. What differs from step to step is read from device memory, so a
// decode pass can be captured once and replayed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "turbomind/cuda/device_communicator.hpp"
#include "turbomind/cuda/device_weights.hpp"
#include "turbomind/cuda/kernels/prefill_attention.hpp"
#include "turbomind/cuda/kernels/rope_append.hpp"
#include "turbomind/cuda/kv_pool.hpp"
#include "turbomind/cuda/large_product.hpp"
#include "turbomind/cuda/workspace.hpp"

namespace turbomind::cuda {

// A decode step over `batch`, which lists slots in device memory.
struct DecodePass {
  std::uint32_t rows;
  const std::uint32_t* batch;  // [rows]
  std::uint32_t max_context;   // no row attends to more
  bool needs_all_logits;       // a row samples with top_k or top_p
};

// A prefill pass. Workspace::rows is filled; the arrays are device memory.
struct PrefillPass {
  std::uint32_t rows;
  const PrefillTile* tiles;
  std::uint32_t tile_count;
  const std::uint32_t* sample_row;  // [samples] rows whose next token is wanted
  const std::uint32_t* sample_slot;
  const std::uint32_t* sample_position;
  std::uint32_t samples;  // 0: none
  bool needs_all_logits;
};

class Forward {
 public:
  // All outlive this. No communicator for one rank.
  struct Parts {
    const DeviceWeights& weights;
    const KvPool& kv;
    const Slots& slots;
    const Ring& ring;
    RopeAngles rope;
    Workspace& workspace;
    LargeProducts& large;
    DeviceCommunicator* communicator;
    float norm_eps;
    Stream stream;
    bool starts_early;  // kernels of a step may begin while the one before ends
  };

  explicit Forward(const Parts& parts);

  // Called before a pass of that size is queued, while nothing runs. Where there are several ranks, large
  // products of a new size run once for nothing: their algorithms are chosen, and so their kernels loaded,
  // while no rank waits in a collective for this one. Collective.
  void prepare(std::uint32_t rows, std::uint32_t samples);

  void decode(const DecodePass& pass);
  void prefill(const PrefillPass& pass);
 private:
  template <class Attend>
  void run_layers(std::uint32_t rows, const Attend& attend);
  void norm(const std::byte* weight, const std::uint32_t* row_of, std::uint32_t rows);
  void project_qkv(const DeviceLayer& layer, std::uint32_t index, std::uint32_t rows);
  void store_qkv(const DeviceLayer& layer, std::uint32_t rows);
  void store_gate_up(const DeviceLayer& layer, std::uint32_t rows);
  void store_logits(std::uint32_t samples);
  void add_part(const std::byte* x, const std::byte* weights, const std::byte* bias,
                std::uint32_t inputs, std::uint32_t rows);
  void add_to_residual(const std::byte* x, const std::byte* weights, const std::byte* bias,
                       std::uint32_t inputs, std::uint32_t rows);
  void feed_forward(const DeviceLayer& layer, std::uint32_t rows);
  void sample(const Samples& samples, const std::uint32_t* row_of, bool needs_all_logits);
  std::uint32_t query_stride(std::uint32_t rows) const noexcept;
  Queue queue() const noexcept;
  std::uint32_t rank() const noexcept;
  std::uint32_t ranks() const noexcept;

  Parts p_;
  const DeviceShape& shape_;
  float attention_scale_;
  std::set<std::uint32_t> prepared_rows_;  // by class
  std::set<std::uint32_t> prepared_samples_;
};

}  // namespace turbomind::cuda
