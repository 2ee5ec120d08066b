# Every public header compiles alone: one empty source per header that includes it and nothing else.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
     ${PROJECT_SOURCE_DIR}/include/trunkline/*.hpp)
set(header_sources "")
foreach(header IN LISTS headers)
  string(REPLACE "/" "_" name ${header})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"@header@\"\n" @ONLY)
  list(APPEND header_sources ${source})
endforeach()
add_library(trunkline_headers OBJECT ${header_sources})
target_compile_options(trunkline_headers PRIVATE -O0)   # only whether it compiles
target_link_libraries(trunkline_headers PRIVATE trunkline::learn trunkline_warnings)
