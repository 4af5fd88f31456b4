// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/cpu_executor.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <string>
#include <utility>

#include "turbomind/cpu/forward.hpp"
#include "turbomind/cpu/sampling_stage.hpp"
#include "turbomind/monotonic_clock.hpp"
#include "turbomind/read_bandwidth.hpp"
#include "turbomind/scheduler/slot_table.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

constexpr std::uint32_t kWarmUpRows = 256;  // one piece of a large matrix product

const Kernels& kernels_named(const std::string& name) {
  if (name == "auto") return kernels_for(best_isa());
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512, Isa::avx512_bf16, Isa::amx}) {
    if (name_of(isa) == name) return kernels_for(isa);
  }
  throw Error(
      Code::invalid_argument,
      "engine option isa is '" + name + "'; use auto, portable, avx2, avx512, avx512_bf16 or amx");
}

// What load() makes of weights and limits. Members refer to those above them.
struct Loaded {
  Loaded(const WeightSource& source, const ExecutorLimits& limits, const Kernels& kernels,
         ThreadTeam& team, Communicator& communicator)
      : shape(rank_shape(source.architecture(), source.data_type(), communicator.ranks())),
        weights(source, {communicator.rank(), communicator.ranks()}, team, kernels),
        kv(limits.page_count, shape.layers, shape.kv_heads, shape.head_dim, shape.type),
        rope(limits.max_sequence_tokens, shape.head_dim, source.architecture().rope_theta),
        workspace(shape, limits, team.size(), communicator.ranks()),
        forward({.shape = shape,
                 .weights = weights,
                 .kv = kv,
                 .rope = rope,
                 .kernels = kernels,
                 .workspace = workspace,
                 .team = team,
                 .communicator = communicator,
                 .norm_eps = source.architecture().norm_eps}),
        plan(team.size(), shape.kv_heads, limits.max_slots, limits.max_prefill_tokens),
        sampling(shape, workspace, team, communicator, limits.max_slots),
        slots(limits, shape.vocab) {
    pass.tokens.reserve(std::max(limits.max_prefill_tokens, limits.max_slots));
    pass.runs.reserve(limits.max_slots);
    pass.samples.reserve(limits.max_slots);
    sampled.reserve(limits.max_slots);
  }

  RankShape shape;
  RankWeights weights;
  KvPool kv;
  RopeTable rope;
  Workspace workspace;
  Forward forward;
  AttentionPlan plan;
  SamplingStage sampling;
  SlotTable slots;
  Pass pass;
  std::vector<SampledToken> sampled;
};

class CpuExecutor final : public Executor {
 public:
  CpuExecutor(std::uint32_t threads, const Kernels& kernels, Communicator& communicator,
              PassSink* sink)
      : kernels_(kernels), communicator_(communicator), sink_(sink), team_(threads) {}

  void load(const WeightSource& weights, const ExecutorLimits& limits) override {
    loaded_ = std::make_unique<Loaded>(weights, limits, kernels_, team_, communicator_);
    warm_up(limits);
    const RopeTable& rope = loaded_->rope;
    memory_use_ = {.weight_bytes = loaded_->weights.bytes(),
                   .kv_bytes = loaded_->kv.bytes(),
                   .workspace_bytes = loaded_->workspace.bytes() + std::size_t{rope.positions()} *
                                                                       loaded_->shape.head_dim *
                                                                       sizeof(float)};
  }

  void enqueue(const StepPlan& plan) override {
    if (plan.number != last_plan_ + 1) {
      throw Error(Code::internal, "step plan " + std::to_string(plan.number) + " came after " +
                                      std::to_string(last_plan_));
    }
    last_plan_ = plan.number;
    loaded_->slots.apply(plan);
    for (std::uint32_t i = 0; i < plan.decode_launches; ++i) {
      loaded_->slots.plan_decode(plan, loaded_->pass);
      run_pass(plan.number);
    }
    loaded_->slots.plan_prefill(plan, loaded_->pass);
    run_pass(plan.number);
  }

  void abort() noexcept override { communicator_.abort(); }

  MemoryUse memory_use() const noexcept override { return memory_use_; }
 private:
  // Compiles what the first passes need, and touches the workspace, before anyone measures.
  void warm_up(const ExecutorLimits& limits) {
    const std::uint32_t rows =
        std::min({kWarmUpRows, limits.max_prefill_tokens, limits.max_sequence_tokens,
                  limits.page_count * kPageTokens});
    if (rows == 0) return;
    std::vector<std::uint32_t> pages((rows - 1) / kPageTokens + 1);
    for (std::uint32_t i = 0; i < pages.size(); ++i) pages[i] = i;
    Loaded& l = *loaded_;
    for (const std::uint32_t count : {rows, 1U}) {
      l.pass.clear();
      l.pass.is_prefill = count > 1;
      l.pass.tokens.assign(count, 0);
      l.pass.runs.push_back({0, count, 0, pages.data()});
      l.pass.samples.push_back({count - 1, 0, {}});
      l.plan.make(l.pass);
      team_.run([&](std::uint32_t thread) { l.forward.warm_up(l.pass, l.plan, thread); });
    }
  }

  void run_pass(std::uint64_t plan_number) {
    Loaded& l = *loaded_;
    if (l.pass.tokens.empty()) return;
    const std::uint64_t begin_ns = monotonic_now_ns();
    l.plan.make(l.pass);
    team_.run([&l](std::uint32_t thread) {
      l.forward.run(l.pass, l.plan, thread);
      l.sampling.judge(l.pass, l.forward.head_share(thread), thread);
    });
    if (l.pass.samples.empty()) return;
    const std::span<const std::int32_t> tokens = l.sampling.choose(l.pass);
    l.sampled.clear();
    for (std::uint32_t i = 0; i < l.pass.sample_count(); ++i) {
      const PassSample& sample = l.pass.samples[i];
      l.sampled.push_back(l.slots.take(sample.slot, sample.draw.position, tokens[i]));
    }
    if (sink_ == nullptr) return;
    sink_->on_pass({.plan = plan_number,
                    .begin_ns = begin_ns,
                    .end_ns = monotonic_now_ns(),
                    .is_prefill = l.pass.is_prefill,
                    .tokens = l.sampled});
  }

  const Kernels& kernels_;
  Communicator& communicator_;
  PassSink* sink_;
  ThreadTeam team_;
  std::unique_ptr<Loaded> loaded_;
  MemoryUse memory_use_;
  std::uint64_t last_plan_ = 0;
};

}  // namespace

std::uint32_t default_threads(std::uint32_t ranks) { return std::max(usable_cpus() / ranks, 1U); }

std::unique_ptr<Executor> make_cpu_executor(const CpuOptions& options, Communicator& communicator,
                                            PassSink* sink) {
  const std::uint32_t threads =
      options.threads != 0 ? options.threads : default_threads(communicator.ranks());
  return std::make_unique<CpuExecutor>(threads, kernels_named(options.isa), communicator, sink);
}

std::uint64_t cpu_workspace_bytes_per_token(const Architecture& architecture, DataType data_type,
                                            std::uint32_t ranks) {
  return Workspace::bytes_per_token(rank_shape(architecture, data_type, ranks));
}

}  // namespace turbomind
