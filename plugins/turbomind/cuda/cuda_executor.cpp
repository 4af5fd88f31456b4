// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/cuda_executor.hpp"

#include <algorithm>
#include <bit>
#include <lmbench/plugin.hpp>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "turbomind/cuda/cuda_check.hpp"
#include "turbomind/cuda/decode_graphs.hpp"
#include "turbomind/cuda/device_stream.hpp"
#include "turbomind/cuda/forward.hpp"
#include "turbomind/cuda/kernels/decode_attention.hpp"
#include "turbomind/cuda/nvtx_range.hpp"
#include "turbomind/cuda/pass_watch.hpp"
#include "turbomind/cuda/prefill_staging.hpp"
#include "turbomind/cuda/slot_state.hpp"
#include "turbomind/cuda/token_ring.hpp"
#include "turbomind/model/rope_table.hpp"
#include "turbomind/monotonic_clock.hpp"
#include "turbomind/scheduler/slot_table.hpp"

namespace turbomind::cuda {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint32_t kRingDepth = 16;
// All passes of a plan are queued before the first is read: its decode steps and a prefill.
static_assert(kRingDepth >= kMostDecodeLaunches + 1);

// Graphs reach a number of splits that is a power of two: few graphs, and no more than half of the
// thread blocks of attention find nothing to do.
std::uint32_t reach_of(std::uint32_t context, std::uint32_t longest) {
  const std::uint32_t splits = (context + kDecodeSplitTokens - 1) / kDecodeSplitTokens;
  return std::min(std::bit_ceil(splits) * kDecodeSplitTokens, longest);
}

DeviceMemory upload_angles(const RopeTable& table, Stream stream) {
  const std::size_t bytes = table.values().size() * sizeof(float);
  DeviceMemory memory(bytes, "the rotary table");
  copy_to_device(memory.data(), table.values().data(), bytes, stream);
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return memory;
}

// What load() makes of weights and limits. Members refer to those above them.
struct Loaded {
  Loaded(const WeightSource& source, const ExecutorLimits& limits, DeviceCommunicator* communicator,
         const CudaOptions& options, std::unique_ptr<TuningCache> tuning)
      : ranks(communicator == nullptr ? 1 : communicator->ranks()),
        weights(source, {communicator == nullptr ? 0 : communicator->rank(), ranks}),
        kv(weights.shape(), limits.page_count),
        angles(upload_angles(RopeTable(limits.max_sequence_tokens, weights.shape().head_dim,
                                       source.architecture().rope_theta),
                             stream.get())),
        workspace(weights.shape(), limits, ranks),
        large(weights.shape().type, stream.get(), std::move(tuning)),
        state(limits, weights.shape().vocab, kv.dummy_page(), stream.get()),
        ring(kRingDepth, limits.max_slots, stream.get()),
        ring_view(ring.device()),
        forward({.weights = weights,
                 .kv = kv,
                 .slots = state.device(),
                 .ring = ring_view,
                 .rope = {reinterpret_cast<const float*>(angles.data())},
                 .workspace = workspace,
                 .large = large,
                 .communicator = communicator,
                 .norm_eps = source.architecture().norm_eps,
                 .stream = stream.get(),
                 .starts_early = options.starts_early}),
        graphs(stream.get()),
        staging(limits),
        batch(limits.max_slots, "the decode batch"),
        table(limits, weights.shape().vocab),
        watch(ring, stream.get(), communicator) {
    pass.tokens.reserve(std::max(limits.max_prefill_tokens, limits.max_slots));
    pass.runs.reserve(limits.max_slots);
    pass.samples.reserve(limits.max_slots);
    sampled.reserve(limits.max_slots);
    // Nobody's rows work on this page: it must hold numbers.
    check(cudaMemsetAsync(kv.dummy_page_data(), 0, kv.page_bytes(), stream.get()),
          "cudaMemsetAsync");
    stream.synchronize();
  }

  std::uint32_t ranks;
  DeviceStream stream;
  DeviceWeights weights;
  KvPool kv;
  DeviceMemory angles;
  Workspace workspace;
  LargeProducts large;
  SlotState state;
  TokenRing ring;
  Ring ring_view;
  Forward forward;
  DecodeGraphs graphs;
  PrefillStaging staging;
  StagedArray<std::uint32_t> batch;
  SlotTable table;
  PassWatch watch;
  Pass pass;
  std::vector<SampledToken> sampled;
  std::uint64_t queued_passes = 0;  // that sample; the ring counts alike
};

class CudaExecutor final : public Executor {
 public:
  CudaExecutor(const CudaOptions& options, std::unique_ptr<DeviceCommunicator> communicator,
               PassSink* sink)
      : options_(options), communicator_(std::move(communicator)), sink_(sink) {}

  // Whatever hangs in the stream is ended before its memory goes.
  ~CudaExecutor() override {
    if (is_broken_) abort();
  }

  void load(const WeightSource& weights, const ExecutorLimits& limits) override {
    const NvtxRange range("load");
    if (!has_attention_kernel(weights.architecture().size_per_head)) {
      throw Error(
          Code::unsupported,
          "the CUDA backend has attention kernels for heads of 64 and 128 elements, not of " +
              std::to_string(weights.architecture().size_per_head));
    }
    check(cudaSetDevice(static_cast<int>(options_.device)), "cudaSetDevice");
    if (communicator_ != nullptr) communicator_->connect();
    limits_ = limits;
    guard([&] {
      auto tuning = open_tuning_cache(options_.tuning_cache, options_.device, weights.data_type());
      auto loaded = std::make_unique<Loaded>(weights, limits, communicator_.get(), options_,
                                             std::move(tuning));
      {
        const std::lock_guard lock(mutex_);
        loaded_ = std::move(loaded);
      }
      barrier();  // all memory is taken before the first collective
      warm_up();
    });
    const Loaded& l = *loaded_;
    memory_use_ = {.weight_bytes = l.weights.bytes(),
                   .kv_bytes = l.kv.bytes(),
                   .workspace_bytes = l.workspace.bytes() + l.large.bytes() + l.angles.size() +
                                      l.state.bytes() + l.ring.bytes() + l.staging.bytes()};
  }

  void enqueue(const StepPlan& plan) override {
    if (plan.number != last_plan_ + 1) {
      throw Error(Code::internal, "step plan " + std::to_string(plan.number) + " came after " +
                                      std::to_string(last_plan_));
    }
    last_plan_ = plan.number;
    guard([&] { run(plan); });
  }

  void abort() noexcept override {
    const std::lock_guard lock(mutex_);
    if (loaded_ != nullptr) loaded_->watch.abort();
    if (communicator_ != nullptr) communicator_->abort();
  }

  MemoryUse memory_use() const noexcept override { return memory_use_; }

  ExecutorCounters counters() const noexcept override {
    const std::lock_guard lock(mutex_);
    if (loaded_ == nullptr) return {};
    return {.graphs_captured = loaded_->graphs.captured(),
            .products_tuned = loaded_->large.tuned_products(),
            .products_unsaved = loaded_->large.unsaved_products()};
  }
 private:
  template <class Body>
  void guard(const Body& body) {
    try {
      body();
    } catch (...) {
      is_broken_ = true;
      throw;
    }
  }

  // Loads the kernels and lets the libraries choose, before anyone measures.
  void warm_up() {
    const auto prepare = [&](std::uint32_t rows) {
      const DecodeGraphKey key{.rows = rows,
                               .max_context = reach_of(1, limits_.max_sequence_tokens),
                               .needs_all_logits = false};
      run_idle(key);
      if (options_.uses_graphs) capture(key);
    };
    for (std::uint32_t rows = 1; rows < limits_.max_slots; rows *= 2) prepare(rows);
    prepare(limits_.max_slots);
  }

  void queue_decode(const DecodeGraphKey& key) {
    loaded_->forward.decode({.rows = key.rows,
                             .batch = loaded_->batch.device(),
                             .max_context = key.max_context,
                             .needs_all_logits = key.needs_all_logits});
  }

  // A decode step over rows that stand still: its tokens are nobody's.
  void run_idle(const DecodeGraphKey& key) {
    Loaded& l = *loaded_;
    const std::span<std::uint32_t> batch = l.batch.host();
    std::fill(batch.begin(), batch.end(), limits_.max_slots);
    l.batch.upload(key.rows, l.stream.get());
    l.forward.prepare(key.rows, key.rows);
    queue_decode(key);
    l.watch.wait_for(++l.queued_passes);
    l.stream.synchronize();
  }

  void capture(const DecodeGraphKey& key) {
    loaded_->graphs.capture(key, [&] { queue_decode(key); });
    loaded_->stream.synchronize();
    barrier();
  }

  void barrier() {
    if (communicator_ != nullptr) communicator_->barrier();
  }

  // No step of a GPU that works takes as long.
  std::uint64_t limit_of(const StepPlan& plan) const {
    if (options_.step_timeout_ns > 0) return options_.step_timeout_ns;
    constexpr double kLeastS = 10;
    constexpr double kLeastFlopsPerS = 1e13;
    std::size_t tokens = 0;
    for (const PrefillChunk& chunk : plan.prefills) tokens += chunk.tokens.size();
    // Two operations for each weight, which has two bytes, and token.
    const double prefill_s =
        static_cast<double>(loaded_->weights.bytes() * tokens) / kLeastFlopsPerS;
    return static_cast<std::uint64_t>((kLeastS + prefill_s) * 1e9);
  }

  void run(const StepPlan& plan) {
    Loaded& l = *loaded_;
    l.watch.limit(limit_of(plan));
    l.table.apply(plan);
    l.state.apply(plan, l.stream.get());
    prepare(plan);
    std::uint64_t begin_ns = monotonic_now_ns();
    std::uint64_t first_pass = l.queued_passes + 1;
    if (plan.decode_launches > 0) first_pass = queue_decodes(plan);
    const std::uint64_t prefill_pass = queue_prefill(plan);
    for (std::uint64_t pass = first_pass; pass <= l.queued_passes; ++pass) {
      l.watch.wait_for(pass);
      const std::uint64_t end_ns = monotonic_now_ns();
      const bool is_prefill = pass == prefill_pass;
      const std::uint32_t samples =
          is_prefill ? l.pass.sample_count() : static_cast<std::uint32_t>(plan.decode_slots.size());
      deliver(plan.number, pass, samples, is_prefill, begin_ns, end_ns);
      begin_ns = end_ns;
    }
    // What was queued last delivers nothing where a prefill samples nothing, or where there was no pass
    // at all; but the staging arrays are free for the next plan only when the copies are done.
    const bool has_silent_prefill = prefill_pass == 0 && !l.pass.tokens.empty();
    if (has_silent_prefill || l.queued_passes < first_pass) l.watch.wait_for_stream();
  }

  void prepare(const StepPlan& plan) {
    const auto decode_rows = static_cast<std::uint32_t>(plan.decode_slots.size());
    std::uint32_t rows = 0;
    std::uint32_t samples = 0;
    for (const PrefillChunk& chunk : plan.prefills) {
      rows += static_cast<std::uint32_t>(chunk.tokens.size());
      samples += chunk.samples ? 1 : 0;
    }
    loaded_->forward.prepare(decode_rows, decode_rows);
    loaded_->forward.prepare(rows, samples);
  }

  // The number of the first pass: captures before it may have counted some.
  std::uint64_t queue_decodes(const StepPlan& plan) {
    const NvtxRange range("decode");
    Loaded& l = *loaded_;
    l.table.plan_decode(plan, l.pass);
    std::uint32_t context = 0;
    for (const PassRun& run : l.pass.runs) context = std::max(context, run.first_position + 1);
    bool needs_all_logits = false;
    for (const PassSample& sample : l.pass.samples) {
      needs_all_logits = needs_all_logits || sample.draw.needs_all_logits();
    }
    const DecodeGraphKey key{
        .rows = static_cast<std::uint32_t>(plan.decode_slots.size()),
        .max_context = reach_of(context + plan.decode_launches - 1, limits_.max_sequence_tokens),
        .needs_all_logits = needs_all_logits};
    if (options_.uses_graphs && !l.graphs.has(key)) {
      const NvtxRange capturing("capture");
      run_idle(key);
      capture(key);
    }
    std::copy(plan.decode_slots.begin(), plan.decode_slots.end(), l.batch.host().begin());
    l.batch.upload(key.rows, l.stream.get());
    const std::uint64_t first_pass = l.queued_passes + 1;
    for (std::uint32_t i = 0; i < plan.decode_launches; ++i) {
      if (options_.uses_graphs) {
        l.graphs.launch(key);
      } else {
        queue_decode(key);
      }
      ++l.queued_passes;
    }
    return first_pass;
  }

  // The number of the pass, or 0 where nothing is sampled.
  std::uint64_t queue_prefill(const StepPlan& plan) {
    Loaded& l = *loaded_;
    l.table.plan_prefill(plan, l.pass);
    if (l.pass.tokens.empty()) return 0;
    const NvtxRange range("prefill");
    l.forward.prefill(l.staging.upload(l.pass, l.workspace.rows, l.stream.get()));
    return l.pass.samples.empty() ? 0 : ++l.queued_passes;
  }

  // The table does the books as the device did them; rows that stood still are nobody's.
  void deliver(std::uint64_t plan, std::uint64_t pass, std::uint32_t samples, bool is_prefill,
               std::uint64_t begin_ns, std::uint64_t end_ns) {
    Loaded& l = *loaded_;
    l.sampled.clear();
    for (const RingEntry& entry : l.ring.entries(pass, samples)) {
      if (entry.slot >= limits_.max_slots) continue;
      l.sampled.push_back(l.table.take(entry.slot, entry.position, entry.token));
    }
    if (sink_ == nullptr || l.sampled.empty()) return;
    sink_->on_pass({.plan = plan,
                    .begin_ns = begin_ns,
                    .end_ns = end_ns,
                    .is_prefill = is_prefill,
                    .tokens = l.sampled});
  }

  CudaOptions options_;
  std::unique_ptr<DeviceCommunicator> communicator_;
  PassSink* sink_;
  mutable std::mutex mutex_;  // guards the pointer, as abort() may come while load() makes it
  std::unique_ptr<Loaded> loaded_;
  ExecutorLimits limits_;
  MemoryUse memory_use_;
  std::uint64_t last_plan_ = 0;
  bool is_broken_ = false;
};

}  // namespace

std::unique_ptr<Executor> make_cuda_executor(const CudaOptions& options,
                                             std::unique_ptr<DeviceCommunicator> communicator,
                                             PassSink* sink) {
  return std::make_unique<CudaExecutor>(options, std::move(communicator), sink);
}

std::uint64_t cuda_workspace_bytes(const Architecture& architecture, DataType data_type,
                                   std::uint32_t ranks, const ExecutorLimits& limits) {
  const DeviceShape shape = device_shape(architecture, data_type, ranks);
  const std::uint64_t angles =
      std::uint64_t{limits.max_sequence_tokens} * shape.head_dim * sizeof(float);
  return Workspace::bytes_for(shape, limits, ranks) + kLargeProductBytes + angles +
         KvPool::page_bytes(shape);  // the dummy page
}

}  // namespace turbomind::cuda
