# What both builds of the CUDA backend are made of: the plugin's, by nvcc and against CUDA's libraries,
# and the tests', by the host compiler on the CPU (tests/simt).
set(TURBOMIND_CUDA_DIR ${CMAKE_CURRENT_LIST_DIR})
set(TURBOMIND_CUDA_KERNELS)
foreach(kernel IN ITEMS decode_attention embedding memory_sum norm prefill_attention rope_append
    sampling skinny_gemm slot_update swiglu weight_pack)
  list(APPEND TURBOMIND_CUDA_KERNELS ${TURBOMIND_CUDA_DIR}/kernels/${kernel}.cu)
endforeach()
set(TURBOMIND_CUDA_SOURCES)
foreach(source IN ITEMS cuda_backend cuda_executor decode_graphs device_memory device_probe
    device_weights forward large_product nccl_communicator pass_watch prefill_staging
    product_description rank_meeting read_bandwidth slot_state token_ring tuning_cache
    tuning_file weight_upload workspace)
  list(APPEND TURBOMIND_CUDA_SOURCES ${TURBOMIND_CUDA_DIR}/${source}.cpp)
endforeach()
