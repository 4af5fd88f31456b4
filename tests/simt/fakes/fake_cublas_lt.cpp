// cuBLASLt over a FakeGpu: column-major products with fp32 sums, and three proposals for each, of which
// one is refused and one is slower.
// SPDX-License-Identifier: Apache-2.0
#include "fake_cublas_lt.hpp"

#include <atomic>
#include <chrono>
#include <cstring>

#include "fake_gpu_state.hpp"
#include "half_element.hpp"
#include "turbomind/cuda/cublas_lt_library.hpp"

struct cublasLtMatmulDescOpaque_t {
  cublasOperation_t a_operation = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};
struct cublasLtMatrixLayoutOpaque_t {
  cudaDataType_t type;
  std::uint64_t rows;
  std::uint64_t columns;
  std::int64_t leading;

  std::size_t bytes() const {
    return ((columns - 1) * static_cast<std::uint64_t>(leading) + rows) *
           (type == CUDA_R_32F ? 4 : 2);
  }
};
struct cublasLtMatmulPreferenceOpaque_t {
  std::uint32_t reduction_schemes = 0;
};

namespace {

using lmbench::test::Element;
using lmbench::test::load;
using lmbench::test::store;

enum Algorithm : std::uint64_t { kRefused = 7, kSlow, kFast };

constexpr std::size_t kVersion = 130100;

std::atomic<std::uint64_t> spoiled_rows{0};
std::atomic<std::size_t> library_version{kVersion};

bool is_refused(const cublasLtMatmulAlgo_t& algorithm, const cublasLtMatrixLayoutOpaque_t& d) {
  return algorithm.data[0] == kRefused ||
         (algorithm.data[0] == kFast && d.columns == spoiled_rows.load());
}

Element element_of(cudaDataType_t type) {
  if (type == CUDA_R_32F) return Element::fp32;
  return type == CUDA_R_16F ? Element::fp16 : Element::bf16;
}

struct Product {
  cublasLtMatmulDescOpaque_t desc;
  cublasLtMatrixLayoutOpaque_t a;
  cublasLtMatrixLayoutOpaque_t b;
  cublasLtMatrixLayoutOpaque_t d;
  const void* a_data;
  const void* b_data;
  void* d_data;
  float alpha;
  float beta;

  void run() const {
    const std::uint64_t depth = b.rows;
    for (std::uint64_t column = 0; column < d.columns; ++column) {
      for (std::uint64_t row = 0; row < d.rows; ++row) {
        float sum = 0;
        for (std::uint64_t k = 0; k < depth; ++k) {
          const std::uint64_t of_a = desc.a_operation == CUBLAS_OP_T
                                         ? row * static_cast<std::uint64_t>(a.leading) + k
                                         : k * static_cast<std::uint64_t>(a.leading) + row;
          sum +=
              load(a_data, element_of(a.type), of_a) *
              load(b_data, element_of(b.type), column * static_cast<std::uint64_t>(b.leading) + k);
        }
        const std::size_t place = column * static_cast<std::uint64_t>(d.leading) + row;
        float value = alpha * sum;
        if (beta != 0) value += beta * load(d_data, element_of(d.type), place);
        if (desc.epilogue == CUBLASLT_EPILOGUE_BIAS)
          value += load(desc.bias, element_of(d.type), row);
        store(d_data, element_of(d.type), place, value);
      }
    }
  }
};

}  // namespace

void lmbench::test::FakeCublasLt::reset() {
  spoiled_rows = 0;
  library_version = kVersion;
}
void lmbench::test::FakeCublasLt::set_version(std::size_t version) { library_version = version; }
void lmbench::test::FakeCublasLt::spoil_fast_algorithm(std::uint64_t rows) { spoiled_rows = rows; }

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = reinterpret_cast<cublasLtHandle_t>(new int(1));
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete reinterpret_cast<int*>(handle);
  return CUBLAS_STATUS_SUCCESS;
}

std::size_t cublasLtGetVersion() { return library_version; }
const char* cublasLtGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_NOT_SUPPORTED ? "not supported" : "another status";
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t /*compute*/,
                                        cudaDataType_t /*scale*/) {
  lmbench::test::count_call(__func__);
  *desc = new cublasLtMatmulDescOpaque_t;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  delete desc;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t bytes) {
  void* target = &desc->a_operation;
  std::size_t size = sizeof desc->a_operation;
  if (attribute == CUBLASLT_MATMUL_DESC_EPILOGUE) target = &desc->epilogue;
  if (attribute == CUBLASLT_MATMUL_DESC_BIAS_POINTER) {
    target = &desc->bias;
    size = sizeof desc->bias;
  }
  if (bytes != size) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(target, value, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t leading) {
  lmbench::test::count_call(__func__);
  *layout = new cublasLtMatrixLayoutOpaque_t{type, rows, columns, leading};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete layout;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute,
                                                const void* value, std::size_t bytes) {
  if (attribute != CUBLASLT_MATRIX_LAYOUT_COLS || bytes != sizeof layout->columns) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  std::memcpy(&layout->columns, value, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  lmbench::test::count_call(__func__);
  *preference = new cublasLtMatmulPreferenceOpaque_t;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete preference;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, std::size_t bytes) {
  if (attribute != CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK) return CUBLAS_STATUS_SUCCESS;
  if (bytes != sizeof preference->reduction_schemes) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&preference->reduction_schemes, value, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t /*desc*/, cublasLtMatrixLayout_t /*a*/,
    cublasLtMatrixLayout_t /*b*/, cublasLtMatrixLayout_t /*c*/, cublasLtMatrixLayout_t /*d*/,
    cublasLtMatmulPreference_t preference, int wanted, cublasLtMatmulHeuristicResult_t results[],
    int* found) {
  lmbench::test::count_call(__func__);
  lmbench::test::refuse_while_collectives_wait(__func__);  // kernels are loaded to be timed
  // Anything but sums that meet in fp32 would lose bits that the tests count on.
  if (preference->reduction_schemes != CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  *found = 0;
  for (const Algorithm algorithm : {kRefused, kSlow, kFast}) {
    if (*found == wanted) break;
    results[*found] = {};
    results[*found].algo.data[0] = algorithm;
    ++*found;
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoCheck(cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t /*desc*/,
                                       cublasLtMatrixLayout_t /*a*/, cublasLtMatrixLayout_t /*b*/,
                                       cublasLtMatrixLayout_t /*c*/, cublasLtMatrixLayout_t d,
                                       const cublasLtMatmulAlgo_t* algorithm,
                                       cublasLtMatmulHeuristicResult_t* result) {
  if (algorithm->data[0] < kRefused || algorithm->data[0] > kFast) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  if (is_refused(*algorithm, *d)) return CUBLAS_STATUS_NOT_SUPPORTED;
  result->workspaceSize = 0;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t desc,
                              const void* alpha, const void* a, cublasLtMatrixLayout_t a_layout,
                              const void* b, cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t /*c_layout*/, void* d,
                              cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                              std::size_t workspace_bytes, cudaStream_t stream) {
  using lmbench::test::is_device_memory;
  if (is_refused(*algorithm, *d_layout)) return CUBLAS_STATUS_NOT_SUPPORTED;
  const bool holds =
      c == d && algorithm->data[0] <= kFast && is_device_memory(a, a_layout->bytes()) &&
      is_device_memory(b, b_layout->bytes()) && is_device_memory(d, d_layout->bytes()) &&
      is_device_memory(workspace, workspace_bytes);
  if (!holds) return CUBLAS_STATUS_INVALID_VALUE;
  const Product product{*desc,
                        *a_layout,
                        *b_layout,
                        *d_layout,
                        a,
                        b,
                        d,
                        *static_cast<const float*>(alpha),
                        *static_cast<const float*>(beta)};
  const bool is_slow = algorithm->data[0] == kSlow;
  auto* const slowed = is_slow ? reinterpret_cast<lmbench::test::FakeStream*>(stream) : nullptr;
  lmbench::test::queue_work(stream, [product, slowed] {
    return [product, slowed] {
      if (slowed != nullptr) slowed->lost_time += std::chrono::seconds(1);
      product.run();
      return true;
    };
  });
  return CUBLAS_STATUS_SUCCESS;
}

namespace turbomind::cuda {

const CublasLtLibrary& cublas_lt_library() {
  static const CublasLtLibrary library{.create = cublasLtCreate,
                                       .destroy = cublasLtDestroy,
                                       .get_version = cublasLtGetVersion,
                                       .get_status_string = cublasLtGetStatusString,
                                       .desc_create = cublasLtMatmulDescCreate,
                                       .desc_destroy = cublasLtMatmulDescDestroy,
                                       .desc_set = cublasLtMatmulDescSetAttribute,
                                       .layout_create = cublasLtMatrixLayoutCreate,
                                       .layout_destroy = cublasLtMatrixLayoutDestroy,
                                       .layout_set = cublasLtMatrixLayoutSetAttribute,
                                       .preference_create = cublasLtMatmulPreferenceCreate,
                                       .preference_destroy = cublasLtMatmulPreferenceDestroy,
                                       .preference_set = cublasLtMatmulPreferenceSetAttribute,
                                       .get_heuristic = cublasLtMatmulAlgoGetHeuristic,
                                       .algo_check = cublasLtMatmulAlgoCheck,
                                       .matmul = cublasLtMatmul};
  return library;
}

}  // namespace turbomind::cuda
