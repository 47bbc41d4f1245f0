/* npickle.hpp: what tests/check-cpp.sh compiles and runs, in a folder of its own. */
#include <npickle.hpp>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#if __cplusplus >= 202002L
#include <span>
#endif

static int checks, failures;

#define CHECK(condition)                                                                                               \
    (checks++, (condition) ? (void)0 : (void)(failures++, std::printf("line %d: %s\n", __LINE__, #condition)))

/* The status that an expression throws; NPK_OK if none. */
template <class Call> static npk_status thrown(Call &&call)
{
    try {
        call();
    } catch (const npickle::error &e) {
        CHECK(std::strlen(e.what()) > 0 && e.name() != nullptr);
        return e.status();
    }
    return NPK_OK;
}

enum class level : std::uint16_t { low = 3, high = 70 };

struct particle {
    double position[3];
    float mass;
    char name[8];
    level at;
    std::int16_t grid[2][3];
};

static npickle::descriptor particle_dtype()
{
    return npickle::struct_of<particle>({NPICKLE_MEMBER(particle, position), NPICKLE_MEMBER(particle, mass),
                                         NPICKLE_MEMBER(particle, name), NPICKLE_MEMBER(particle, at),
                                         NPICKLE_MEMBER(particle, grid)});
}

template <class T> static void round_trip(const char *dtype)
{
    npickle::ndarray<T> out({2, 1, 3});
    for (std::size_t i = 0; i < out.size(); i++)
        out[i] = static_cast<T>(static_cast<unsigned char>(i));
    npickle::save("t.pkl", out);
    npickle::ndarray<T> back = npickle::load<T>("t.pkl", "", NPK_CAST_SAME);
    CHECK(back.shape() == out.shape());
    CHECK(std::equal(back.begin(), back.end(), out.begin(), out.end()));
    npickle::document document = npickle::document::load("t.pkl");
    npk_array view = document.root().array();
    CHECK(npk_dtype_equal(view.dtype, npickle::descriptor(dtype).get()));
}

static void arrays()
{
    round_trip<bool>("?");
    round_trip<signed char>("i1");
    round_trip<unsigned char>("u1");
    round_trip<short>("i2");
    round_trip<unsigned short>("u2");
    round_trip<int>("i4");
    round_trip<unsigned>("u4");
    round_trip<long long>("i8");
    round_trip<unsigned long long>("u8");
    round_trip<float>("f4");
    round_trip<double>("f8");
    round_trip<std::complex<float>>("c8");
    round_trip<std::complex<double>>("c16");
    round_trip<level>("u2");

    npickle::save("t.pkl", std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
    npickle::ndarray<double> wide = npickle::load<double>("t.pkl");
    CHECK(wide.ndim() == 2 && wide(1, 2) == 6 && wide(0, 0) == 1);
    CHECK(thrown([] { npickle::load<short>("t.pkl"); }) == NPK_ERR_CAST);
    CHECK(npickle::load<short>("t.pkl", "", NPK_CAST_UNSAFE)[5] == 6);
    CHECK(thrown([&] { wide(2, 0) = 1; }) == NPK_ERR_USAGE);
    CHECK(thrown([&] { wide(0) = 1; }) == NPK_ERR_USAGE);
    CHECK(thrown([] { npickle::save("t.pkl", std::vector<float>{1, 2}, {2, 3}); }) == NPK_ERR_USAGE);
    CHECK(thrown([] { npickle::ndarray<int>({-1}); }) == NPK_ERR_USAGE);
    CHECK(thrown([] { npickle::ndarray<int>({std::numeric_limits<std::int64_t>::max(), 4}); }) == NPK_ERR_USAGE);
    CHECK(npickle::load<float>("t.pkl").size() == 6); /* none of these has changed the file */

    npickle::ndarray<double> copy = wide, moved = std::move(wide);
    CHECK(copy[3] == moved[3] && copy.data() != moved.data() && wide.size() == 0);
    CHECK(thrown([] { npickle::load<double>("no such file.pkl"); }) == NPK_ERR_IO);
    CHECK(npickle::ndarray<int>().size() == 0 && npickle::ndarray<int>(npickle::shape_type()).size() == 1);
}

static void structs()
{
    npickle::descriptor dtype = particle_dtype();
    CHECK(dtype.itemsize() == sizeof(particle));
    npickle::ndarray<particle> out({2});
    out[1] = {{1, 2, 3}, 0.5f, "proton", level::high, {{1, 2, 3}, {4, 5, 6}}};
    npickle::save("s.pkl", npickle::array_view(dtype.get(), out.data(), out.shape()));
    npickle::ndarray<particle> back = npickle::load<particle>("s.pkl", dtype);
    CHECK(back.size() == 2 && back[1].position[2] == 3 && back[1].mass == 0.5f && back[1].at == level::high);
    CHECK(std::strcmp(back[1].name, "proton") == 0 && back[1].grid[1][0] == 4);
    CHECK(thrown([&] { npickle::load<double>("s.pkl", dtype); }) == NPK_ERR_USAGE);
    npickle::descriptor other(std::move(dtype));
    CHECK(other.str() == "|V" + std::to_string(sizeof(particle)));
    CHECK(thrown([] { npickle::descriptor("no such dtype"); }) == NPK_ERR_DTYPE);
}

static std::vector<std::uint8_t> written()
{
    const std::vector<std::uint8_t> raw = {0, 255};
    npickle::writer out;
    out.begin_dict()
        .item("step", 7)
        .item("large", std::numeric_limits<std::uint64_t>::max())
        .item("rate", 0.25)
        .item("on", true)
        .item("none", nullptr)
        .item("name", std::string("caf\xc3\xa9"))
        .item("field", npickle::ndarray<float>({2, 2}))
        .item("vector", std::vector<float>{1, 2})
        .write("bytes")
        .write_bytes(raw)
        .write("list")
        .begin_list()
        .write(1)
        .write(std::complex<double>(1, -1))
        .write("two")
        .end()
        .end();
    return out.finish();
}

static void documents()
{
    std::vector<std::uint8_t> bytes = written();
    npickle::document document = npickle::document::load(bytes);
    npickle::value root = document.root();
    CHECK(root.kind() == NPK_KIND_DICT && root.size() == 10);
    CHECK(root["step"].as<int>() == 7 && root["step"].as<double>() == 7 && root["step"].as<std::uint8_t>() == 7);
    CHECK(root["large"].as<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
    CHECK(thrown([&] { root["large"].as<std::int64_t>(); }) == NPK_ERR_TYPE);
    CHECK(root["rate"].as<double>() == 0.25 && root["rate"].as<float>() == 0.25f);
    CHECK(root["on"].as<bool>() && root["none"].kind() == NPK_KIND_NONE);
    CHECK(root["name"].as<std::string>() == "caf\xc3\xa9" && root["name"].as<std::string_view>().size() == 5);
    CHECK(root["list"].size() == 3 && root["list"][2].as<std::string>() == "two");
    CHECK(root.find("['list'][0]").as<long>() == 1);
    CHECK(root["field"].array<double>().shape() == npickle::shape_type({2, 2}));

    CHECK(root["vector"].array<float>()[1] == 2);
    CHECK(root["bytes"].kind() == NPK_KIND_BYTES);
    const std::int64_t wide = 1;
    CHECK(root["list"][wide].kind() == NPK_KIND_COMPLEX && root["list"][0u].as<int>() == 1);
    CHECK(root[std::string("step")].as<int>() == 7);

    /* what is not there */
    CHECK(!root["missing"] && !root["missing"]["deeper"][3] && root["missing"].size() == 0);
    CHECK(!root["list"][3] && !root["list"][-1] && !root["step"][0]);
    CHECK(thrown([&] { root["missing"].as<int>(); }) == NPK_ERR_TYPE);
    CHECK(thrown([&] { root["missing"].as<std::string>(); }) == NPK_ERR_TYPE);
    CHECK(thrown([&] { root["missing"].as<double>(); }) == NPK_ERR_TYPE);
    CHECK(thrown([&] { root["missing"].array<int>(); }) == NPK_ERR_TYPE);
    CHECK(thrown([&] { root.find("['nowhere']"); }) == NPK_ERR_NOT_FOUND);
    CHECK(thrown([&] { root["step"].as<std::string>(); }) == NPK_ERR_TYPE);

    /* spans of what lies in the pickle */
    npk_write_options options{};
    options.protocol_given = true;
    options.protocol = 4;
    npickle::writer whole(&options);
    whole.write(npickle::array_view(std::vector<std::uint8_t>{5, 6, 7}));
    std::vector<std::uint8_t> pickled = whole.finish();
    npickle::document raw = npickle::document::load(pickled);
    npickle::span<const std::uint8_t> elements = raw.root().elements<std::uint8_t>();
    CHECK(elements.size() == 3 && elements[2] == 7 && elements.data() > pickled.data());
    CHECK(thrown([&] { raw.root().elements<std::int8_t>(); }) == NPK_ERR_CAST);
#if __cplusplus >= 202002L
    std::span<const std::uint8_t> standard(elements);
    CHECK(standard.size() == 3 && standard[0] == 5);
#endif

    /* one document into another, and to a file */
    npickle::writer again;
    again.begin_list().write(root).write(root["field"]).end();
    std::vector<std::uint8_t> both = again.finish();
    npickle::document second = npickle::document::load(both);
    CHECK(second.root()[0]["step"].as<int>() == 7);
    CHECK(second.root()[0]["field"].get() == second.root()[1].get()); /* still one object */
    second.save("d.pkl");
    CHECK(npickle::document::load("d.pkl").root().size() == 2);

    /* errors of a writer and of bytes */
    npickle::writer wrong;
    wrong.begin_dict().write("key").end();
    CHECK(thrown([&] { wrong.finish(); }) == NPK_ERR_USAGE);
    std::vector<std::uint8_t> hostile = {0x80, 2, ']'};
    CHECK(thrown([&] { npickle::document::load(hostile); }) == NPK_ERR_TRUNCATED);
    hostile = {0x80, 2, ']', 'R', '.'};
    std::uint64_t offset = NPK_NO_OFFSET;
    try {
        npickle::document::load(hostile);
    } catch (const npickle::error &e) {
        offset = e.cause().opcode == 'R' ? e.offset() : NPK_NO_OFFSET;
    }
    CHECK(offset == 3);
}

int main()
{
    arrays();
    structs();
    documents();
    std::printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
