// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/forward.hpp"

#include <cmath>
#include <cstring>
#include <span>

namespace turbomind {
namespace {

struct Share {
  std::uint32_t begin;
  std::uint32_t end;
};

Share share_of_rows(std::uint32_t rows, std::uint32_t threads, std::uint32_t thread) {
  const TileRange range = tile_share(rows, threads, thread);
  return {range.begin, range.end};
}

}  // namespace

Forward::Forward(const Parts& parts)
    : p_(parts), attention_scale_(1.0F / std::sqrt(static_cast<float>(parts.shape.head_dim))) {
  for (std::uint32_t i = 0; i < p_.team.size(); ++i) {
    products_.push_back(std::make_unique<MatrixProduct>(p_.kernels));
  }
}

void Forward::run(const Pass& pass, const AttentionPlan& plan, std::uint32_t thread) {
  run_layers(pass, plan, thread, p_.shape.layers);
}

void Forward::warm_up(const Pass& pass, const AttentionPlan& plan, std::uint32_t thread) {
  run_layers(pass, plan, thread, 1);
}

void Forward::run_layers(const Pass& pass, const AttentionPlan& plan, std::uint32_t thread,
                         std::uint32_t layers) {
  const std::uint32_t rows = pass.rows();
  const Workspace& work = p_.workspace;
  // The first rank adds its parts to the stream, the others replace theirs by their parts; the sum
  // over the ranks is then the stream again.
  const Epilogue residual_epilogue = p_.communicator.rank() == 0 ? Epilogue::add : Epilogue::store;
  embed(pass, thread);
  p_.team.meet();
  for (std::uint32_t i = 0; i < layers; ++i) {
    const LayerWeights& layer = p_.weights.layers()[i];
    const PackedMatrix& next =
        i + 1 < layers ? p_.weights.layers()[i + 1].w_qkv : p_.weights.head();
    multiply(pass,
             {.weights = layer.w_qkv,
              .next = layer.wo,
              .x = norm(layer.attention_norm, rows, thread),
              .y = work.qkv,
              .epilogue = Epilogue::store,
              .bias = layer.qkv_bias},
             rows, thread);
    p_.team.meet();
    attend(pass, plan, i, thread);
    p_.team.meet();
    add_to_residual(pass,
                    {.weights = layer.wo,
                     .next = layer.gate_up,
                     .x = work.attention,
                     .y = work.residual,
                     .epilogue = residual_epilogue,
                     .bias = layer.wo_bias},
                    rows, thread);
    multiply(pass,
             {.weights = layer.gate_up,
              .next = layer.w2,
              .x = norm(layer.ffn_norm, rows, thread),
              .y = work.inner,
              .epilogue = Epilogue::swiglu,
              .bias = nullptr},
             rows, thread);
    p_.team.meet();
    add_to_residual(pass,
                    {.weights = layer.w2,
                     .next = next,
                     .x = work.inner,
                     .y = work.residual,
                     .epilogue = residual_epilogue,
                     .bias = nullptr},
                    rows, thread);
  }
  if (!pass.samples.empty()) head(pass, thread);
}

void Forward::embed(const Pass& pass, std::uint32_t thread) {
  const Share share = share_of_rows(pass.rows(), p_.team.size(), thread);
  for (std::uint32_t row = share.begin; row < share.end; ++row) {
    p_.weights.embed(static_cast<std::uint32_t>(pass.tokens[row]),
                     p_.workspace.residual + std::size_t{row} * p_.shape.hidden);
  }
}

// The normed residual stream. For few rows each thread makes all of it for itself, which is cheaper
// than to meet.
const std::byte* Forward::norm(const float* weight, std::uint32_t rows, std::uint32_t thread) {
  const bool is_own = rows <= kSkinnyRows;
  const Share share = is_own ? Share{0, rows} : share_of_rows(rows, p_.team.size(), thread);
  std::byte* const y = is_own ? p_.workspace.threads[thread].normed : p_.workspace.normed;
  const std::size_t first = std::size_t{share.begin} * p_.shape.hidden;
  p_.kernels.rms_norm({.x = p_.workspace.residual + first,
                       .x_stride = p_.shape.hidden,
                       .weight = weight,
                       .epsilon = p_.norm_eps,
                       .rows = share.end - share.begin,
                       .columns = p_.shape.hidden,
                       .y = y + first * bytes_of(p_.shape.activation_type),
                       .y_stride = p_.shape.hidden,
                       .y_type = p_.shape.activation_type});
  if (!is_own) p_.team.meet();
  return y;
}

void Forward::multiply(const Pass& pass, const Product& product, std::uint32_t rows,
                       std::uint32_t thread) {
  const auto share = [&](const PackedMatrix& matrix) {
    return tile_share(matrix.tiles(), p_.team.size(), thread);
  };
  const GemmArguments arguments{.weights = &product.weights,
                                .range = share(product.weights),
                                .rows = rows,
                                .x = product.x,
                                .x_stride = product.weights.rows,
                                .y = product.y,
                                .y_stride = product.weights.columns,
                                .epilogue = product.epilogue,
                                .bias = product.bias,
                                .next = product.next.tile(share(product.next).begin)};
  if (pass.is_prefill) {
    products_[thread]->run(arguments);
  } else {
    p_.kernels.skinny_gemm(arguments);  // whatever the batch, a row gets the same bits
  }
}

// A product into the residual stream, and the sum over the ranks.
void Forward::add_to_residual(const Pass& pass, const Product& product, std::uint32_t rows,
                              std::uint32_t thread) {
  multiply(pass, product, rows, thread);
  p_.team.meet();
  if (p_.communicator.ranks() == 1) return;
  if (thread == 0) {
    p_.communicator.all_reduce({p_.workspace.residual, std::size_t{rows} * p_.shape.hidden});
  }
  p_.team.meet();
}

void Forward::attend(const Pass& pass, const AttentionPlan& plan, std::uint32_t layer,
                     std::uint32_t thread) {
  const KvLayer& cache = p_.kv.layer(layer);
  if (pass.is_prefill) {
    append_rows(pass, cache, thread);
    p_.team.meet();
    for (const AttentionTask& task : plan.tasks_of(thread)) {
      attend_block(pass, task, cache, thread);
    }
    return;
  }
  for (const AttentionTask& task : plan.tasks_of(thread)) attend_row(pass, task, cache, thread);
  const std::vector<CutPair>& cut = plan.cut_pairs();
  if (cut.empty()) return;
  p_.team.meet();
  for (std::size_t i = thread; i < cut.size(); i += p_.team.size()) {
    merge(pass.runs[cut[i].run], cut[i].kv_head,
          p_.workspace.cut_partials + i * p_.workspace.max_splits() * partial_stride(),
          cut[i].splits);
  }
}

// Prefill: rotates this thread's rows, all heads, and appends them.
void Forward::append_rows(const Pass& pass, const KvLayer& cache, std::uint32_t thread) {
  const Share share = share_of_rows(pass.rows(), p_.team.size(), thread);
  for (const PassRun& run : pass.runs) {
    const std::uint32_t begin = std::max(share.begin, run.first_row);
    const std::uint32_t end = std::min(share.end, run.first_row + run.row_count);
    for (std::uint32_t row = begin; row < end; ++row) {
      const std::uint32_t position = run.first_position + (row - run.first_row);
      p_.kernels.rope_append({.qkv = p_.workspace.qkv + std::size_t{row} * p_.shape.qkv_columns(),
                              .rope_row = p_.rope.row(position),
                              .heads = p_.shape.heads,
                              .kv_heads = p_.shape.kv_heads,
                              .cache = &cache,
                              .page = run.pages[position / kKvPageTokens],
                              .page_token = position % kKvPageTokens});
    }
  }
}

void Forward::attend_block(const Pass& pass, const AttentionTask& task, const KvLayer& cache,
                           std::uint32_t thread) {
  const RankShape& shape = p_.shape;
  const PassRun& run = pass.runs[task.run];
  const std::size_t row = run.first_row + task.begin;
  const std::size_t column = std::size_t{task.kv_head} * shape.group * shape.head_dim;
  p_.kernels.prefill_attention(
      {.q = p_.workspace.qkv + row * shape.qkv_columns() + column,
       .q_stride = shape.qkv_columns(),
       .queries = task.end - task.begin,
       .first_position = run.first_position + task.begin,
       .cache = &cache,
       .kv_head = task.kv_head,
       .group = shape.group,
       .pages = run.pages,
       .scale = attention_scale_,
       .scratch = p_.workspace.threads[thread].prefill,
       .y = p_.workspace.attention +
            (row * shape.query_columns() + column) * bytes_of(shape.activation_type),
       .y_stride = shape.query_columns(),
       .y_type = shape.activation_type});
}

// Decode: one row, one KV head, all or some of its splits. Whoever has the last split also appends
// the row's key and value, which no other split reads, so that nobody has to wait for it.
void Forward::attend_row(const Pass& pass, const AttentionTask& task, const KvLayer& cache,
                         std::uint32_t thread) {
  const RankShape& shape = p_.shape;
  const Workspace::OfThread& own = p_.workspace.threads[thread];
  const PassRun& run = pass.runs[task.run];
  const std::uint32_t position = run.first_position;
  const std::size_t head = shape.head_dim;
  const float* const row = p_.workspace.qkv + std::size_t{run.first_row} * shape.qkv_columns();
  std::memcpy(own.head_group, row + task.kv_head * shape.group * head,
              shape.group * head * sizeof(float));
  std::memcpy(own.head_group + shape.group * head, row + (shape.heads + task.kv_head) * head,
              head * sizeof(float));
  std::memcpy(own.head_group + (shape.group + 1) * head,
              row + (shape.heads + shape.kv_heads + task.kv_head) * head, head * sizeof(float));
  KvLayer own_head = cache;
  own_head.data += task.kv_head * cache.head_bytes();
  const bool has_last = task.end == position / kSplitTokens + 1;
  p_.kernels.rope_append({.qkv = own.head_group,
                          .rope_row = p_.rope.row(position),
                          .heads = shape.group,
                          .kv_heads = has_last ? 1U : 0U,
                          .cache = &own_head,
                          .page = run.pages[position / kKvPageTokens],
                          .page_token = position % kKvPageTokens});
  float* partials = own.partials;
  if (task.cut_pair >= 0) {
    partials = p_.workspace.cut_partials + static_cast<std::size_t>(task.cut_pair) *
                                               p_.workspace.max_splits() * partial_stride();
  }
  for (std::uint32_t split = task.begin; split < task.end; ++split) {
    p_.kernels.decode_attention({.q = own.head_group,
                                 .cache = &cache,
                                 .kv_head = task.kv_head,
                                 .group = shape.group,
                                 .pages = run.pages,
                                 .context = position + 1,
                                 .split = split,
                                 .scale = attention_scale_,
                                 .partial = partials + split * partial_stride()});
  }
  if (task.cut_pair < 0) merge(run, task.kv_head, partials, task.end);
}

void Forward::merge(const PassRun& run, std::uint32_t kv_head, const float* partials,
                    std::uint32_t splits) {
  const RankShape& shape = p_.shape;
  const std::size_t place = std::size_t{run.first_row} * shape.query_columns() +
                            std::size_t{kv_head} * shape.group * shape.head_dim;
  p_.kernels.merge_splits({.partials = partials,
                           .partial_stride = partial_stride(),
                           .splits = splits,
                           .group = shape.group,
                           .head_dim = shape.head_dim,
                           .y = p_.workspace.attention + place * bytes_of(shape.activation_type),
                           .y_type = shape.activation_type});
}

TileRange Forward::head_share(std::uint32_t thread) const noexcept {
  return tile_share(p_.weights.head().tiles(), p_.team.size(), thread);
}

// Final norm and logits of the rows that are followed by a new token.
void Forward::head(const Pass& pass, std::uint32_t thread) {
  const std::uint32_t count = pass.sample_count();
  const bool is_own = count <= kSkinnyRows;
  const Share share = is_own ? Share{0, count} : share_of_rows(count, p_.team.size(), thread);
  std::byte* const x = is_own ? p_.workspace.threads[thread].normed : p_.workspace.normed;
  for (std::uint32_t i = share.begin; i < share.end; ++i) {
    const std::size_t hidden = p_.shape.hidden;
    p_.kernels.rms_norm({.x = p_.workspace.residual + pass.samples[i].row * hidden,
                         .x_stride = hidden,
                         .weight = p_.weights.norm(),
                         .epsilon = p_.norm_eps,
                         .rows = 1,
                         .columns = p_.shape.hidden,
                         .y = x + i * hidden * bytes_of(p_.shape.activation_type),
                         .y_stride = hidden,
                         .y_type = p_.shape.activation_type});
  }
  if (!is_own) p_.team.meet();
  multiply(pass,
           {.weights = p_.weights.head(),
            .next = p_.weights.layers()[0].w_qkv,  // of the next pass
            .x = x,
            .y = p_.workspace.logits,
            .epilogue = Epilogue::store,
            .bias = nullptr},
           count, thread);
}

}  // namespace turbomind
