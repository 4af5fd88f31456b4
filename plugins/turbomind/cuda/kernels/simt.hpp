// The only header of the device that a kernel includes. nvcc sees CUDA and, for what CUDA C++ has no
// word for, one small function per PTX instruction; every other compiler sees twins of the same
// names that run on the CPU (tests/simt/shim), where a CUDA thread is a fiber. No other file of the
// kernels holds PTX. An instruction that is added here needs its twin and a test of the pair.
//
// Rules that keep a kernel valid on both sides: launches go through simt::launch; shared memory is
// SIMT_SHARED; loops are unrolled by SIMT_UNROLL; no thread returns before a
// later __syncthreads; no race is "benign"; warps meet only where a mask says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if !defined(__CUDACC__)
#include "simt_host.hpp"
#else

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <lmbench/plugin.hpp>
#include <string>
#include <type_traits>
#include <utility>

// A static array in shared memory: SIMT_SHARED(float, sums, [32]);
#define SIMT_SHARED(type, name, dimensions) __shared__ __align__(16) type name dimensions
#define SIMT_UNROLL _Pragma("unroll")

namespace simt {

using Stream = cudaStream_t;

struct Launch {
  dim3 grid;
  dim3 block;
  Stream stream = nullptr;
  bool is_dependent = false;  // programmatic dependent launch: the kernel calls pdl_wait()
};

inline void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  throw lmbench::sdk::Error(
      lmbench::Code::device_error,
      std::string(what) + ": " + cudaGetErrorName(error) + ": " + cudaGetErrorString(error));
}

// Arguments are copied, as kernel parameters are. Throws Error(device_error).
template <class... Parameters, class... Arguments>
void launch(const Launch& launch, void (*kernel)(Parameters...), Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = launch.grid;
  config.blockDim = launch.block;
  config.stream = launch.stream;
  cudaLaunchAttribute attribute{};
  if (launch.is_dependent) {
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    config.attrs = &attribute;
    config.numAttrs = 1;
  }
  check(cudaLaunchKernelEx(&config, kernel, Parameters(std::forward<Arguments>(arguments))...),
        "cudaLaunchKernelEx");
}

// d += a (16 x 16, by rows) times b (16 x 8, by columns); T is __half or __nv_bfloat16, sums are
// fp32. With g = lane / 4 and t = lane % 4: a0 holds row g, columns 2t and 2t + 1; a1 row g + 8; a2
// and a3 the same for columns + 8; b0 and b1 column g, rows 2t, 2t + 1 and + 8; d0 and d1 row g,
// columns 2t and 2t + 1; d2 and d3 row g + 8.
template <class T>
__device__ __forceinline__ void mma_16816(float (&d)[4], const std::uint32_t (&a)[4],
                                          const std::uint32_t (&b)[2]) {
  if constexpr (std::is_same_v<T, __half>) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    static_assert(std::is_same_v<T, __nv_bfloat16>);
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

// How loads that stream treat L2: a value, made once per thread.
using StreamPolicy = std::uint64_t;

__device__ __forceinline__ StreamPolicy stream_policy() {
  StreamPolicy policy;
  asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;\n" : "=l"(policy));
  return policy;
}

// A 16-byte load of what is read once per pass: it leaves no trace in L1 and is the first to go
// from L2, so that activations and KV stay there. Not .nc: ptxas takes such loads for independent of
// everything and moves them below the pdl_wait() that they were to come before.
__device__ __forceinline__ uint4 load_streamed(const uint4* source, StreamPolicy policy) {
  uint4 value;
  asm volatile("ld.global.L1::no_allocate.L2::cache_hint.L2::256B.v4.u32 {%0,%1,%2,%3}, [%4], %5;\n"
               : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
               : "l"(source), "l"(policy));
  return value;
}

// Publishes to the host: whoever acquires `value` there also sees what this thread wrote before, and
// what others of its block wrote before a barrier that came before this.
__device__ __forceinline__ void store_release_system(std::uint64_t* target, std::uint64_t value) {
  asm volatile("st.release.sys.global.u64 [%0], %1;\n" ::"l"(target), "l"(value) : "memory");
}

// Lets the next dependent kernel of the stream start: after this it may do what it does before its
// own pdl_wait(). Nothing below sm_90.
__device__ __forceinline__ void pdl_trigger() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;\n" ::: "memory");
#endif
}

// Waits until the kernels before this one are complete and their memory is visible. Before it, a
// kernel touches weights and constants only; every thread block calls it.
__device__ __forceinline__ void pdl_wait() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;\n" ::: "memory");
#endif
}

}  // namespace simt

#endif
