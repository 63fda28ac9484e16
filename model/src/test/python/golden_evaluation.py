"""Golden evaluation: the measures of embeddings, by scikit-learn and NumPy in float64.

Writes the JSON that EvaluationTest compares with. The build does not run this. To make the values anew, where
scikit-learn is installed:

    cd model/src/test
    python3 python/golden_evaluation.py > resources/golden/evaluation.json

The values in the repository are from scikit-learn 1.9.1 and NumPy 2.4.6. The measures that scikit-learn lacks are
written here from the papers: RankMe (arXiv 2210.02885), alignment and uniformity (arXiv 2005.10242), alpha-ReQ
(arXiv 2202.05808), and the spread of normalized embeddings (arXiv 2011.10566). Nothing is taken from the Java program.
"""

import json
from itertools import combinations

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler, normalize

CLASSES, DIMENSION, TRAIN, TEST = 4, 12, 120, 90


def clouds(random, centers, count):
    labels = numpy.arange(count) % CLASSES
    rows = centers[labels] + random.normal(size=(count, DIMENSION)) * numpy.linspace(2.5, 0.5, DIMENSION)
    return rows.astype("float32").astype("float64"), labels


def knn(train, test, neighbors, temperature):
    # The distance is 1 - cosine; a constant factor of all votes changes nothing.
    classifier = KNeighborsClassifier(
        neighbors, metric="cosine", algorithm="brute", weights=lambda d: numpy.exp(-d / temperature)
    )
    return classifier.fit(*train).predict(test[0]).tolist()


def linear(train, test, regularization):
    scaler = StandardScaler().fit(train[0])
    model = LogisticRegression(C=1 / (len(train[0]) * regularization), tol=1e-10, max_iter=100000)
    model.fit(scaler.transform(train[0]), train[1])
    shares = numpy.sort(model.predict_proba(scaler.transform(test[0])))
    # The Java program ends its fit sooner, so what is nearly a draw may fall to the other side.
    return {
        "regularization": regularization,
        "predicted": model.predict(scaler.transform(test[0])).tolist(),
        "clear": (shares[:, -1] - shares[:, -2] > 0.05).tolist(),
    }


def rankme(rows):
    values = numpy.linalg.svd(rows, compute_uv=False)
    shares = values / values.sum()
    return float(numpy.exp(-(shares * numpy.log(shares)).sum()))


def alpha_req(rows):
    variances = numpy.linalg.svd(rows - rows.mean(0), compute_uv=False) ** 2
    index = numpy.arange(4, min(100, len(variances)) + 1)
    slope, _ = numpy.polyfit(numpy.log(index), numpy.log(variances[index - 1]), 1, w=1 / numpy.sqrt(index))
    return float(-slope)


def squared_distances(rows, pairs):
    return numpy.array([((rows[i] - rows[j]) ** 2).sum() for i, j in pairs])


def main():
    random = numpy.random.RandomState(3)
    centers = random.normal(size=(CLASSES, DIMENSION))
    train, test = clouds(random, centers, TRAIN), clouds(random, centers, TEST)
    unit = normalize(test[0])
    pairs = list(combinations(range(TEST), 2))
    of_a_class = [(i, j) for i, j in pairs if test[1][i] == test[1][j]]
    votes = {"5": 0.1, "30": 0.07, "120": 0.5}
    print(
        json.dumps(
            {
                "made_with": f"scikit-learn {sklearn.__version__}, NumPy {numpy.__version__}",
                "train": train[0].tolist(),
                "train_classes": train[1].tolist(),
                "test": test[0].tolist(),
                "test_classes": test[1].tolist(),
                "knn": [
                    {"k": int(k), "temperature": t, "predicted": knn(train, test, int(k), t)}
                    for k, t in votes.items()
                ],
                "linear": [linear(train, test, r) for r in (1.0, 0.1, 0.01, 0.001)],
                "rankme": rankme(test[0]),
                "alpha_req": alpha_req(test[0]),
                "embedding_std": float(unit.std(axis=0, ddof=1).mean()),
                "alignment": float(squared_distances(unit, of_a_class).mean()),
                "uniformity": float(numpy.log(numpy.exp(-2 * squared_distances(unit, pairs)).mean())),
            }
        )
    )


main()
