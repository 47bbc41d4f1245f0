/* Writes a field and reads it again, in C++17. */
#include <npickle.hpp>

#include <iostream>

int main()
{
    try {
        /* README */
        std::vector<float> field = {1, 2, 3, 4, 5, 6.5f};
        npickle::save("field.pkl", field, {2, 3});

        npickle::ndarray<double> back = npickle::load<double>("field.pkl");
        std::cout << back.ndim() << " dimensions, the last element is " << back(1, 2) << "\n";
        /* end */
    } catch (const npickle::error &error) {
        std::cerr << "field.pkl: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
