# What `cmake --install BUILD --prefix PREFIX` puts where: the program, the library of each room, the public headers,
# and the package that find_package(trunkline) reads. Everything but the way to LibTorch may be moved afterwards.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/trunkline)

get_filename_component(torch_folder ${TRUNKLINE_TORCH_CPU} DIRECTORY)
set_target_properties(trunkline PROPERTIES INSTALL_RPATH ${torch_folder} INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS trunkline RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

get_property(rooms GLOBAL PROPERTY TRUNKLINE_ROOMS)
target_compile_features(trunkline_core PUBLIC cxx_std_20)
install(TARGETS ${rooms} EXPORT trunklineTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/trunkline DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT trunklineTargets NAMESPACE trunkline:: DESTINATION ${package_folder})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/trunklineConfig.cmake.in
  ${PROJECT_BINARY_DIR}/trunklineConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/trunklineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/trunklineConfig.cmake ${PROJECT_BINARY_DIR}/trunklineConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/LibTorch.cmake DESTINATION ${package_folder})
