"""A synthetic reader study: phantoms, results of the demo model, and scripted readers who use the API.

    trial.py     phantoms imported, AI jobs run, a plan designed, locked, read to its end, data locked
    reader.py    one scripted reader: opens the next case, looks, edits, scores, submits
    decisions.py what such a reader finds and how long it takes; all of it drawn by a seed
    people.py    HTTP without a network: every call goes through URLs, permissions and services
    clock.py     the time of the simulation, so that a wash-out of 28 days takes none

Nothing of it says anything about people: skills and times are made up, and every study, export and
figure made of it is marked synthetic.
"""
