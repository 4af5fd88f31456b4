// The forward pass: all layers of a rank's part of the model, walked by every thread of the team at
// once, each with its fixed share of every stage. Between stages the threads meet; there is one
// parallel region per pass.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "turbomind/communicator.hpp"
#include "turbomind/cpu/attention_plan.hpp"
#include "turbomind/cpu/kernels/kernels.hpp"
#include "turbomind/cpu/kernels/matrix_product.hpp"
#include "turbomind/cpu/kv_pool.hpp"
#include "turbomind/cpu/rank_weights.hpp"
#include "turbomind/cpu/workspace.hpp"
#include "turbomind/model/rope_table.hpp"
#include "turbomind/scheduler/pass.hpp"

namespace turbomind {

class Forward {
 public:
  // All arguments outlive this.
  struct Parts {
    const RankShape& shape;
    const RankWeights& weights;
    const KvPool& kv;
    const RopeTable& rope;
    const Kernels& kernels;
    Workspace& workspace;
    ThreadTeam& team;
    Communicator& communicator;
    float norm_eps;
  };

  explicit Forward(const Parts& parts);

  // [each thread of the team] Keys and values of all rows go to the cache; afterwards the logits of
  // sample i are row i of workspace.logits. A thread may read those of its head_share() at once,
  // the others after a meet(). The plan is that of the pass. Throws Error.
  void run(const Pass& pass, const AttentionPlan& plan, std::uint32_t thread);

  // The same with the first layer and the head alone: meets every shape of matrix product.
  void warm_up(const Pass& pass, const AttentionPlan& plan, std::uint32_t thread);

  // The tiles of the head that a thread computes.
  TileRange head_share(std::uint32_t thread) const noexcept;
 private:
  struct Product {
    const PackedMatrix& weights;
    const PackedMatrix& next;  // which is multiplied afterwards
    const std::byte* x;
    void* y;
    Epilogue epilogue;
    const float* bias;
  };

  void run_layers(const Pass& pass, const AttentionPlan& plan, std::uint32_t thread,
                  std::uint32_t layers);
  void embed(const Pass& pass, std::uint32_t thread);
  const std::byte* norm(const float* weight, std::uint32_t rows, std::uint32_t thread);
  void multiply(const Pass& pass, const Product& product, std::uint32_t rows, std::uint32_t thread);
  void add_to_residual(const Pass& pass, const Product& product, std::uint32_t rows,
                       std::uint32_t thread);
  void attend(const Pass& pass, const AttentionPlan& plan, std::uint32_t layer,
              std::uint32_t thread);
  void append_rows(const Pass& pass, const KvLayer& cache, std::uint32_t thread);
  void attend_row(const Pass& pass, const AttentionTask& task, const KvLayer& cache,
                  std::uint32_t thread);
  void attend_block(const Pass& pass, const AttentionTask& task, const KvLayer& cache,
                    std::uint32_t thread);
  void merge(const PassRun& run, std::uint32_t kv_head, const float* partials,
             std::uint32_t splits);
  void head(const Pass& pass, std::uint32_t thread);

  std::size_t partial_stride() const noexcept {
    return std::size_t{p_.shape.group} * (p_.shape.head_dim + 2);
  }

  Parts p_;
  float attention_scale_;
  std::vector<std::unique_ptr<MatrixProduct>> products_;  // by thread
};

}  // namespace turbomind
