// See onednn_product.hpp. oneDNN asks libgomp how many threads it may use; that figure belongs to
// the calling thread, and with one it runs in place and starts no thread.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/kernels/onednn_product.hpp"

#include <lmbench/plugin.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "turbomind/cpu/kernels/packed_weights.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <dnnl.hpp>
#pragma GCC diagnostic pop

// Of libgomp; its header belongs to GCC alone.
extern "C" void omp_set_num_threads(int count);

namespace turbomind {
namespace {

using dnnl::memory;

struct Compiled {
  dnnl::matmul product;
  memory x;
  memory weights;
  memory bias;
  memory y;
  std::unordered_map<int, memory> arguments;  // the handles above, and the workspace
};

bool has_bias(OneDnnEpilogue epilogue) {
  return epilogue == OneDnnEpilogue::bias || epilogue == OneDnnEpilogue::bias_add;
}

bool adds(OneDnnEpilogue epilogue) {
  return epilogue == OneDnnEpilogue::add || epilogue == OneDnnEpilogue::bias_add;
}

// The memory objects of one primitive, without data; oneDNN takes no argument that it does not use.
Compiled bind(const dnnl::matmul::primitive_desc& primitive, bool is_biased,
              const dnnl::engine& engine) {
  Compiled c{dnnl::matmul(primitive),
             memory(primitive.src_desc(), engine, nullptr),
             memory(primitive.weights_desc(), engine, nullptr),
             memory(primitive.bias_desc(), engine, nullptr),
             memory(primitive.dst_desc(), engine, nullptr),
             {}};
  c.arguments = {{DNNL_ARG_SRC, c.x},
                 {DNNL_ARG_WEIGHTS, c.weights},
                 {DNNL_ARG_DST, c.y},
                 {DNNL_ARG_SCRATCHPAD, memory(primitive.scratchpad_desc(), engine)}};
  if (is_biased) c.arguments.emplace(DNNL_ARG_BIAS, c.bias);
  return c;
}

// oneDNN's handles are not const, though it only reads them.
void* handle(const void* data) { return const_cast<void*>(data); }

}  // namespace

struct OneDnnProduct::State {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::map<OneDnnProblem, std::optional<Compiled>> compiled;  // nullopt: no fast kernel

  std::optional<Compiled> compile(const OneDnnProblem& problem) const;
};

std::optional<Compiled> OneDnnProduct::State::compile(const OneDnnProblem& p) const {
  const auto type = memory::data_type::bf16;
  const auto tag = memory::format_tag::BA16a64b2a;
  const auto stride = [](std::size_t elements) { return static_cast<memory::dim>(elements); };
  const memory::desc x({p.rows, p.depth}, type, memory::dims{stride(p.x_stride), 1});
  const memory::desc weights({p.depth, p.columns}, type, tag);
  const memory::desc bias({1, p.columns}, memory::data_type::f32, memory::format_tag::ab);
  const memory::desc y({p.rows, p.columns}, memory::data_type::f32,
                       memory::dims{stride(p.y_stride), 1});
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (adds(p.epilogue)) {
    dnnl::post_ops after;
    after.append_sum(1.0F);
    attributes.set_post_ops(after);
  }
  try {
    const auto description = has_bias(p.epilogue) ? dnnl::matmul::desc(x, weights, bias, y)
                                                  : dnnl::matmul::desc(x, weights, y);
    const dnnl::matmul::primitive_desc primitive(description, attributes, engine);
    const std::string_view name = primitive.impl_info_str();
    if (name.substr(0, 3) != "brg") return std::nullopt;  // the others are slower than our own
    return bind(primitive, has_bias(p.epilogue), engine);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_unimplemented) return std::nullopt;
    throw;
  }
}

OneDnnProduct::OneDnnProduct() : state_(std::make_unique<State>()) {}
OneDnnProduct::~OneDnnProduct() = default;

bool OneDnnProduct::run(const OneDnnProblem& problem, const OneDnnOperands& operands) {
  omp_set_num_threads(1);
  try {
    auto found = state_->compiled.find(problem);
    if (found == state_->compiled.end()) {
      found = state_->compiled.emplace(problem, state_->compile(problem)).first;
    }
    if (!found->second) return false;
    Compiled& c = *found->second;
    c.x.set_data_handle(handle(operands.x));
    c.weights.set_data_handle(handle(operands.weights));
    c.y.set_data_handle(operands.y);
    if (operands.bias != nullptr) c.bias.set_data_handle(handle(operands.bias));
    c.product.execute(state_->stream, c.arguments);
    state_->stream.wait();
    return true;
  } catch (const dnnl::error& error) {
    throw lmbench::sdk::Error(lmbench::Code::device_error,
                              std::string("oneDNN failed: ") + error.what());
  }
}

}  // namespace turbomind
